public import Policy

/// The policy's meaning: the reference evaluator. It knows clauses and nothing of mechanisms.
public struct PolicyMeaning: Sendable {
    let policy: Policy
    let launch: LaunchFacts

    public init(_ policy: Policy, launching launch: LaunchFacts) {
        self.policy = policy
        self.launch = launch
    }

    public func permits(_ operation: Operation) -> Bool {
        switch operation {
        case .socket(let family, let type, let proto): Self.isTCP(family, type, proto)
        case .socketPair(let type): [1, 5].contains(type & 0xf)
        case .connect(let path, let address, let port): path == .connect && permitsTCP(address, port)
        case .bind, .listen, .metadata, .makeNamespace, .forbidden, .signalOutside: false
        case .socketOption(let level, let option):
            !Self.leadsElsewhere(UInt32(truncatingIfNeeded: level), UInt32(truncatingIfNeeded: option))
        case .deviceControl(let request): !Self.changesElsewhere(UInt32(truncatingIfNeeded: request))
        case .file(let act, let path): permits(act, path)
        case .move(let from, let to): isWritable(from) && isWritable(to)
        case .execute(let path): isExecutable(path)
        case .makeProcess: policy.processes.spawning == .any
        case .makeThread: true
        }
    }

    /// An int is 32 bits wide; of the type the lower four name the kind, the rest are flags.
    private static func isTCP(_ family: UInt64, _ type: UInt64, _ proto: UInt64) -> Bool {
        let family = UInt32(truncatingIfNeeded: family)
        let proto = UInt32(truncatingIfNeeded: proto)
        return [2, 10].contains(family) && type & 0xf == 1 && [0, 6].contains(proto)
    }

    /// Upper layer protocols, routing headers, IP options, and joining groups, of which reports are sent.
    private static func leadsElsewhere(_ level: UInt32, _ option: UInt32) -> Bool {
        switch level {
        case 0: [4, 35, 39, 41, 42, 46, 48].contains(option)
        case 6: option == 31
        case 41: [5, 6, 20, 27, 42, 46, 48, 57].contains(option)
        default: false
        }
    }

    /// Typing into terminals (TIOCSTI, TIOCLINUX), and what filesystems do by ioctl: its second byte names whose request it is.
    private static func changesElsewhere(_ request: UInt32) -> Bool {
        [0x5412, 0x541C].contains(request) || [0x66, 0x76, 0x58, 0x94, 0xf5].contains(request >> 8 & 0xff)
    }

    private func permitsTCP(_ address: IPAddress, _ port: UInt16) -> Bool {
        switch policy.egress.tcp.orNone {
        case .none: false
        case .any: true
        case .endpoints(let list): list.contains { $0.value.contains(address.connected, port) }
        }
    }

    // MARK: Files

    private func permits(_ act: Operation.FileAct, _ path: String) -> Bool {
        switch act {
        case .read: isReadable(path) || isFloor(path) || isChain(path)
        case .list: isReadable(path, byDirectory: true)
        case .write: isWritable(path) || (isFloor(path) && !path.hasSuffix("random"))
        case .truncate, .makeFile, .makeDirectory, .makeLink, .remove, .removeDirectory: isWritable(path)
        case .makeDevice, .makeFIFO, .makeSocket: false
        }
    }

    private func isFloor(_ path: String) -> Bool { launch.floor.contains { $0.resolved.utf8.elementsEqual(path.utf8) } }

    private func isChain(_ path: String) -> Bool {
        (launch.chain + launch.executeChain).contains { $0.facts.resolved.utf8.elementsEqual(path.utf8) } || isExecutable(path)
    }

    /// What is granted as a single file can be read, not listed.
    private func isReadable(_ path: String, byDirectory: Bool = false) -> Bool {
        let read = policy.files.readable.filter { !byDirectory || $0.found.kind == .directory }
        return read.contains { path.isBeneath($0.found.resolved) } || isWritable(path)
    }

    private func isWritable(_ path: String) -> Bool { policy.files.writable.contains { path.isBeneath($0.found.resolved) } }

    private func isExecutable(_ path: String) -> Bool {
        switch policy.files.executable {
        case .none: false
        case .paths(let paths):
            paths.contains { path.isBeneath($0.found.resolved) }
                || (launch.chain + launch.executeChain).contains { $0.facts.resolved.utf8.elementsEqual(path.utf8) }
        }
    }
}

extension EndpointPattern {
    /// Whether an endpoint, as the kernel will connect to it, is of this set.
    func contains(_ address: IPAddress, _ port: UInt16) -> Bool {
        addresses.contains(address) && ports.contains(port)
    }
}

extension EndpointPattern.Addresses {
    func contains(_ address: IPAddress) -> Bool {
        switch self {
        case .any: true
        case .one(let own): own.connected == address
        case .network(let network, let prefix): network.width == address.width && address.masked(to: prefix) == network
        case .public: address.isPublic
        }
    }
}

extension EndpointPattern.Ports {
    func contains(_ port: UInt16) -> Bool {
        switch self {
        case .any: true
        case .one(let own): own == port
        case .range(let range): range.contains(port)
        }
    }
}

extension IPAddress {
    /// Of none of the blocks that `public` leaves out.
    var isPublic: Bool {
        !EndpointPattern.Addresses.notPublic.contains { $0.network.width == width && masked(to: $0.prefix) == $0.network }
    }
}
