import Policy

/// The plan's meaning: a model of each mechanism, holes included. It knows rules, rights and hooks, and nothing of clauses.
public struct PlanMeaning: Sendable {
    let plan: KernelPlan
    private let rules: [String: [SeccompRule]]

    public init(_ plan: KernelPlan) {
        self.plan = plan
        rules = Dictionary(grouping: plan.seccomp.groups.flatMap(\.rules), by: \.syscall.name)
    }

    /// What the controllers hold.
    public var limits: ResourceLimits { plan.limits }

    /// Whether the operation goes through by one of its ways.
    public func permits(_ operation: Operation) -> Bool {
        passesLandlock(operation) && passesPrograms(operation) && passesNamespaces(operation) && passesUser(operation)
            && passesLaunch(operation)
            && (operation.ways.contains { calls in calls.allSatisfy(passesFilter) } || truncatesWritten(operation))
    }

    // MARK: seccomp

    /// The first rule whose conditions all hold takes the call; a missing argument is zero.
    private func passesFilter(_ call: Operation.Call) -> Bool {
        guard let rules = rules[call.name] else { return true }
        for rule in rules where rule.holds(call.arguments) { return false }
        return true
    }

    /// What is opened for writing can be cut off, by O_TRUNC or ftruncate(2), and no filter looks at that. A device cannot.
    private func truncatesWritten(_ operation: Operation) -> Bool {
        guard case .file(.truncate, let path) = operation, !path.isBeneath("/dev") else { return false }
        return mayDo([.writeFile, .truncate], path)
    }

    /// A filter that asks a launcher starts nothing where no launcher answers.
    private func passesLaunch(_ operation: Operation) -> Bool {
        guard case .start = operation else { return true }
        return plan.launchesOnce || !["execve", "execveat"].contains { name in rules[name]?.contains { $0.action == .notify } ?? false }
    }

    // MARK: Users

    /// Ordinary permissions: a uid of the session's own leaves nobody outside to signal or to adjust, and changes what belongs to others nowhere.
    private func passesUser(_ operation: Operation) -> Bool {
        switch operation {
        case .signalOutside, .adjustOutside: plan.user != .session
        case .metadata(_, _, .own): true
        case .metadata(let change, _, .writable): change == .touch || change == .attribute
        case .metadata(_, _, .others): false
        case .socket, .socketPair, .connect, .send, .receive, .receiveErrors, .bind, .listen, .accept, .unix, .socketOption, .deviceControl,
            .controlDevice,
            .file, .move, .execute, .executeMemory, .start, .makeProcess, .makeThread, .makeNamespace, .newListener, .forbidden:
            true
        }
    }

    // MARK: Landlock

    private func passesLandlock(_ operation: Operation) -> Bool {
        switch operation {
        case .file(let act, let path): act.isOfName ? !path.isRoot && mayDo(act.right, path.directory) : mayDo(act.right, path)
        case .move(let from, let to): mayMove(from, to)
        // The kernel opens what it executes for reading, too.
        case .execute(let path): mayDo([.execute, .readFile], path)
        case .controlDevice(let opening, let path): mayControl(opening, path)
        // Fast Open does not pass Landlock's hook.
        case .connect(.connect, _, let port): plan.landlock.connectPorts?.contains(port) ?? true
        case .unix(let act, let name): mayUnix(act, name)
        case .signalOutside: !plan.landlock.scopes.contains(.signals)
        case .socket, .socketPair, .connect, .send, .receive, .receiveErrors, .bind, .listen, .accept, .socketOption, .deviceControl,
            .metadata, .start,
            .makeProcess, .makeThread, .makeNamespace, .newListener, .forbidden, .adjustOutside, .executeMemory:
            true
        }
    }

    /// Without the right over devices, to open one is to control it, and to open it for nothing takes no right.
    private func mayControl(_ opening: Operation.Opening, _ path: String) -> Bool {
        guard !plan.landlock.handledFiles.contains(.deviceControl) else { return mayDo(.deviceControl, path) }
        return opening == .nothing || mayDo(.readFile, path)
    }

    private func mayUnix(_ act: Operation.UnixAct, _ name: Operation.UnixName) -> Bool {
        switch (act, name) {
        case (.bind, .path(let path)), (.listen, .path(let path)): mayDo(.makeSocket, path.directory)
        case (.bind, .abstract), (.listen, .abstract), (.autobind, _): true
        case (.connect, .path(let path)), (.sendTo, .path(let path)), (.sendFromPair, .path(let path)): mayDo(.resolveUnix, path)
        case (.connect, .abstract), (.sendTo, .abstract), (.sendFromPair, .abstract): !plan.landlock.scopes.contains(.abstractSockets)
        }
    }

    /// What is renamed is removed in one directory and made in another; both must allow it to be referred to, and the new one must not give more
    /// rights than the old (landlock(7), LANDLOCK_ACCESS_FS_REFER).
    private func mayMove(_ from: String, _ to: String) -> Bool {
        guard !from.isRoot, !to.isRoot else { return false }
        // Where it is not handled, it is denied (landlock(7)).
        guard plan.landlock.handledFiles.contains(.refer) || from.directory.utf8.elementsEqual(to.directory.utf8) else { return false }
        guard mayDo([.removeFile, .refer], from.directory), mayDo([.makeFile, .refer], to.directory) else { return false }
        return given(to.directory).intersection(plan.landlock.handledFiles).isSubset(of: given(from.directory))
    }

    /// Rights that are not handled are not asked for; of a handled one, some rule at or above the path must give it.
    private func mayDo(_ rights: FileRights, _ path: String) -> Bool {
        let asked = rights.intersection(plan.landlock.handledFiles)
        return asked.isEmpty || asked.isSubset(of: given(path))
    }

    private func given(_ path: String) -> FileRights {
        var rights = FileRights()
        for rule in plan.landlock.paths where path.isBeneath(rule.path) && !isHidden(path, from: rule.path) {
            rights.formUnion(rule.rights)
        }
        for rule in plan.landlock.mounted where path.isBeneath(rule.path) { rights.formUnion(rule.rights) }
        return rights
    }

    /// A rule on an inode that lies under a mount of the session's own is a rule on nothing that can be seen.
    private func isHidden(_ path: String, from rule: String) -> Bool {
        guard let mounts = plan.mounts else { return false }
        return mounts.temporary.contains { path.isBeneath($0) && rule.isBeneath($0) }
    }

    // MARK: Namespaces

    /// The one listener of an empty network. To connect to the unspecified address is to connect to it.
    private func isDoor(_ address: IPAddress, _ port: UInt16) -> Bool {
        plan.doorPort == port && address.connected == NameDoor.address
    }

    private func passesNamespaces(_ operation: Operation) -> Bool {
        switch operation {
        case .connect(_, let address, let port): return !plan.hasEmptyNetwork || isDoor(address, port)
        case .send, .receive, .receiveErrors, .accept: return !plan.hasEmptyNetwork
        case .unix(let act, .abstract): return !plan.hasEmptyNetwork || act == .bind || act == .listen || act == .autobind
        case .unix(_, .path(let path)): return plan.mounts?.only?.contains { path.isBeneath($0.path) } ?? true
        case .file(let act, let path): return plan.mounts?.permits(act, path) ?? true
        case .move(let from, let to): return plan.mounts?.permitsMove(from, to) ?? true
        case .metadata(_, let path, _): return !(plan.mounts?.isReadOnly(path) ?? false)
        case .socket, .socketPair, .bind, .listen, .socketOption, .deviceControl, .controlDevice, .execute, .executeMemory, .start,
            .makeProcess, .makeThread,
            .makeNamespace, .newListener, .forbidden, .signalOutside, .adjustOutside:
            return true
        }
    }

    // MARK: Programs

    private func passesPrograms(_ operation: Operation) -> Bool {
        guard let cgroup = plan.cgroup else { return true }
        switch operation {
        // They see every way to connect, and destinations as they will be connected to.
        case .connect(_, let address, let port): return cgroup.judges(address, .connect4, .connect6, cgroup.tcp, address.connected, port)
        case .send(let path, let address, let port): return cgroup.sends(path, address, port)
        case .receive(let address, let port): return !cgroup.hooks.contains(.ingress) || cgroup.udp.permits(address.connected, port)
        case .bind(let transport, let address, let port):
            return cgroup.judges(address, .bind4, .bind6, transport == .tcp ? cgroup.own : .none, address.unmapped, port)
        case .accept(let path, let address, let port): return cgroup.lets(address, port, in: path)
        case .unix(let act, let name): return cgroup.permits(act, name)
        case .socket(let family, let type, let number): return cgroup.makes(family: family, type: type, protocol: number)
        case .execute(let path): return cgroup.executes(path)
        case .executeMemory: return !cgroup.hooks.contains(.execute)
        case .socketPair, .receiveErrors, .listen, .socketOption, .deviceControl, .controlDevice, .file, .move, .metadata,
            .start,
            .makeProcess, .makeThread, .makeNamespace, .newListener, .forbidden, .signalOutside, .adjustOutside:
            return true
        }
    }
}

extension String {
    fileprivate var isRoot: Bool { utf8.elementsEqual("/".utf8) }
}

extension SeccompRule {
    func holds(_ arguments: [UInt64]) -> Bool {
        for condition in conditions where !condition.holds(arguments) { return false }
        return true
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
