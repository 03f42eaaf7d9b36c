public import Policy

/// The policy's meaning: the reference evaluator. It knows clauses and nothing of mechanisms.
public struct PolicyMeaning: Sendable {
    let policy: Policy
    let launch: LaunchFacts
    let lending: Lending?

    public init(_ policy: Policy, launching launch: LaunchFacts) {
        self.policy = policy
        self.launch = launch
        lending = Lending(policy, launch)
    }

    /// What `processes` limits.
    public var limits: ResourceLimits {
        ResourceLimits(tasks: policy.processes.tasks?.value, memory: policy.processes.memory?.value, cpu: policy.processes.cpu?.value)
    }

    public func permits(_ operation: Operation) -> Bool {
        switch operation {
        case .socket(let family, let type, let proto):
            maySocket(UInt32(truncatingIfNeeded: family), type, UInt32(truncatingIfNeeded: proto))
        case .socketPair(let type): [1, 5].contains(type & 0xf)
        case .connect(let path, let address, let port):
            path == .connect && (reaches(policy.egress.tcp.orNone, address, port) || reachesProxy(address, port))
        case .send(_, let address, let port): reaches(policy.egress.udp.orNone, address, port)
        // Nobody is let in by UDP but who may be sent to.
        case .receive(let address, let port): reaches(policy.egress.udp.orNone, address, port)
        // What an error quotes can come from anywhere.
        case .receiveErrors: isEverything(policy.egress.udp.orNone)
        case .bind(let transport, let address, let port): transport == .tcp && isOwn(address, port)
        case .listen: policy.ingress.tcp.orNone != .none
        case .accept(_, let address, let port): isOwn(address, port)
        case .unix(let act, let name): mayUnix(act, name)
        case .socketOption(let level, let option):
            maySet(UInt32(truncatingIfNeeded: level), UInt32(truncatingIfNeeded: option))
        case .deviceControl(let request): !Self.changesElsewhere(UInt32(truncatingIfNeeded: request))
        case .file(let act, let path): permits(act, path)
        case .move(let from, let to): mayMove(from, to)
        case .metadata(let change, let path, let ownership): mayChange(change, path, ownership)
        case .execute(let path): isExecutable(path)
        case .makeProcess: policy.processes.spawning == .any
        case .makeThread, .start: true
        case .controlDevice, .executeMemory, .makeNamespace, .newListener, .forbidden, .signalOutside, .adjustOutside: false
        }
    }

    /// Whether the name proxy may connect to a host by its name, and let this be spoken: no operation of the kernel's.
    public func permits(_ speech: NamePattern.Speech, with name: HostName, port: UInt16) -> Bool {
        policy.egress.names.orNone.permits(speech, with: name, port: port)
    }

    // MARK: Kinds of sockets and options

    /// An int is 32 bits wide; of the type the lower four name the kind, the rest are flags. TCP sockets can always be made: servers make them
    /// without connecting. Which types and protocols of unix sockets there are is the kernel's to say.
    private func maySocket(_ family: UInt32, _ type: UInt64, _ proto: UInt32) -> Bool {
        switch family {
        case 1: policy.egress.unix.orNone != .none
        case 2, 10: (type & 0xf == 1 && [0, 6].contains(proto)) || (type & 0xf == 2 && [0, 17].contains(proto) && hasUDP)
        default: false
        }
    }

    private var hasUDP: Bool { policy.egress.udp.orNone != .none || !nameservers.isEmpty }

    /// No upper layer protocols, routing headers, IP options, and no joining of groups, of which reports are sent; and where unix sockets can be made none that gets a name of its own.
    private func maySet(_ level: UInt32, _ option: UInt32) -> Bool {
        switch level {
        case 0: ![4, 35, 39, 41, 42, 46, 48].contains(option)
        case 1: ![16, 76].contains(option) || policy.egress.unix.orNone == .none
        case 6: option != 31
        case 41: ![5, 6, 20, 27, 42, 46, 48, 57].contains(option)
        default: true
        }
    }

    private func isEverything(_ grant: EndpointGrant) -> Bool {
        switch grant {
        case .none: false
        case .any: true
        case .endpoints(let list): list.contains { $0.value == EndpointPattern(addresses: .any, ports: .any) }
        }
    }

    /// Typing into terminals (TIOCSTI, TIOCLINUX), and what filesystems do by ioctl: its second byte names whose request it is.
    private static func changesElsewhere(_ request: UInt32) -> Bool {
        [0x5412, 0x541C].contains(request)
            || [0x66, 0x76, 0x58, 0x94, 0xf5, 0x72, 0x6f, 0x6e, 0x97, 0xbc, 0xcf].contains(request >> 8 & 0xff)
    }

    // MARK: Network

    private var nameservers: [IPAddress] {
        switch policy.egress.dns.orNone {
        case .none: []
        case .host(let servers): servers
        }
    }

    private func reaches(_ grant: EndpointGrant, _ address: IPAddress, _ port: UInt16) -> Bool {
        let address = address.connected
        if port == 53, nameservers.contains(where: { $0.connected == address }) { return true }
        switch grant {
        case .none: return false
        case .any: return true
        case .endpoints(let list): return list.contains { $0.value.contains(address, port) }
        }
    }

    /// Implied by names; what it does for whoever comes is `permits(_:with:port:)`.
    private func reachesProxy(_ address: IPAddress, _ port: UInt16) -> Bool {
        policy.egress.names.orNone != .none && NameDoor.pattern.contains(address.connected, port)
    }

    /// Own endpoints are taken as they are given: to bind(2) the unspecified address is one of its own, which a network of everything holds.
    private func isOwn(_ address: IPAddress, _ port: UInt16) -> Bool {
        switch policy.ingress.tcp.orNone {
        case .none: false
        case .any: true
        case .endpoints(let list): list.contains { $0.value.contains(address.unmapped, port) }
        }
    }

    private func mayUnix(_ act: Operation.UnixAct, _ name: Operation.UnixName) -> Bool {
        guard act == .connect || act == .sendTo else { return false }
        switch (policy.egress.unix.orNone, name) {
        case (.none, _), (.paths, .abstract): return false
        case (.any, _): return true
        case (.paths(let paths), .path(let path)): return paths.contains { $0.found.resolved.utf8.elementsEqual(path.utf8) }
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
