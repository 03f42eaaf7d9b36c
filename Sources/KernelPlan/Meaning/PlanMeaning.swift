import Policy

/// The plan's meaning: a model of each mechanism, holes included. It knows rules and rights and nothing of clauses.
public struct PlanMeaning: Sendable {
    let plan: KernelPlan
    private let rules: [String: [SeccompRule]]

    public init(_ plan: KernelPlan) {
        self.plan = plan
        rules = Dictionary(grouping: plan.seccomp.groups.flatMap(\.rules), by: \.syscall.name)
    }

    /// Whether the operation goes through by one of its ways.
    public func permits(_ operation: Operation) -> Bool {
        operation.ways.contains { calls in calls.allSatisfy(passesFilter) } && passesLandlock(operation) && passesPrograms(operation)
    }

    // MARK: seccomp

    /// The first rule whose conditions all hold takes the call; a missing argument is zero.
    private func passesFilter(_ call: Operation.Call) -> Bool {
        !(rules[call.name] ?? []).contains { rule in rule.conditions.allSatisfy { $0.holds(call.arguments) } }
    }

    // MARK: Landlock

    private func passesLandlock(_ operation: Operation) -> Bool {
        switch operation {
        case .file(let act, let path): mayDo(act.right, path)
        // What is renamed is removed in one place and made in the other, and both ends must allow it to be referred to.
        case .move(let from, let to): mayDo([.removeFile, .refer], from) && mayDo([.makeFile, .refer], to)
        // The kernel opens what it executes for reading, too.
        case .execute(let path): mayDo([.execute, .readFile], path)
        // Fast Open does not pass Landlock's hook.
        case .connect(.connect, _, let port): plan.landlock.connectPorts?.contains(port) ?? true
        // With a uid of the session's own, ordinary permissions leave nobody outside to signal.
        case .signalOutside: !plan.landlock.scopes.contains(.signals) && plan.user != .session
        case .socket, .socketPair, .connect, .bind, .listen, .socketOption, .deviceControl, .metadata, .makeProcess, .makeThread,
            .makeNamespace,
            .forbidden:
            true
        }
    }

    /// Rights that are not handled are not asked for; of a handled one, some rule at or above the path must give it.
    private func mayDo(_ rights: FileRights, _ path: String) -> Bool {
        let asked = rights.intersection(plan.landlock.handledFiles)
        let given = plan.landlock.paths.filter { path.isBeneath($0.path) }.reduce(into: FileRights()) { $0.formUnion($1.rights) }
        return asked.isSubset(of: given)
    }

    // MARK: Programs

    private func passesPrograms(_ operation: Operation) -> Bool {
        guard let cgroup = plan.cgroup else { return true }
        switch operation {
        // They see every way to connect, and destinations as they will be connected to.
        case .connect(_, let address, let port): return cgroup.permits(address.connected, port)
        case .socket, .socketPair, .bind, .listen, .socketOption, .deviceControl, .file, .move, .metadata, .execute, .makeProcess,
            .makeThread,
            .makeNamespace,
            .forbidden,
            .signalOutside:
            return true
        }
    }
}

extension CgroupPlan {
    func permits(_ address: IPAddress, _ port: UInt16) -> Bool {
        switch tcp {
        case .none: false
        case .any: true
        case .list(let table): table.hasEntry(address, port) || table.region(of: address)?.ports.contains { $0.contains(port) } ?? false
        }
    }
}

extension EndpointTable {
    fileprivate func hasEntry(_ address: IPAddress, _ port: UInt16) -> Bool {
        entries.contains { ($0.port == nil || $0.port == port) && ($0.address == nil || $0.address == address) }
    }

    /// The longest prefix wins.
    fileprivate func region(of address: IPAddress) -> Region? {
        let whole = AddressPrefix(address: address.mappedBytes, prefix: 128)
        let containing = regions.filter { AddressPrefix(address: $0.address, prefix: $0.prefix).contains(whole) }
        return containing.max { $0.prefix < $1.prefix }
    }
}

extension SeccompCondition {
    func holds(_ arguments: [UInt64]) -> Bool {
        switch self {
        case .masked(let argument, let mask, let value): (argument < arguments.count ? arguments[argument] : 0) & mask == value
        case .differs(let argument, let value): (argument < arguments.count ? arguments[argument] : 0) != value
        }
    }
}
