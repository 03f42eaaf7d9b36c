import Policy

extension Compiler {
    /// `egress.tcp`, and all other network denied. Returns the programs that are attached.
    mutating func network() -> CgroupPlan? {
        groups += [SeccompClauses.socketsTCPOnly, SeccompClauses.ingressNone]
        trials += [
            Trial(.unixSocket, isPermitted: false), Trial(.unixDatagramPair, isPermitted: false), Trial(.bind, isPermitted: false),
            Trial(.listen, isPermitted: false), Trial(.routingHeader, isPermitted: false),
            Trial(.udpSend(.loopback, port: 9), isPermitted: false),
            Trial(.fastOpen(.loopback, port: 9), isPermitted: false),
        ]
        guard let table = table() else { return nil }
        connectTrials()
        return programs(table)
    }

    /// Ports that Landlock would have to name one by one; past this many it is left out where it is only a second layer.
    private static let portLimit = 4_096

    /// The ports of the list, for Landlock; `nil` when it must not handle TCP.
    func ports() -> [UInt16]? {
        switch policy.egress.tcp.orNone {
        case .any: return nil
        case .none: return []
        case .endpoints(let list):
            let ranges = EndpointTable.merged(list.map { $0.value.ports.asRange })
            guard ranges.reduce(0, { $0 + $1.count }) <= Self.portLimit else { return nil }
            return ranges.flatMap { Array($0) }
        }
    }

    /// What the maps would hold; `nil` when there is nothing to hold, or it was refused.
    private mutating func table() -> EndpointTable? {
        switch policy.egress.tcp.orNone {
        case .any:
            trials.append(Trial(.tcpConnect(.loopback, port: 9), isPermitted: true))
            return nil
        case .none:
            return EndpointTable(entries: [])
        case .endpoints(let list):
            if let table = EndpointTable(list.map(\.value)) { return table }
            let gap = "one set of addresses has more than \(EndpointTable.rangeLimit) separate ranges of ports"
            refuse(
                .inexpressible, at: policy.egress.tcp?.location,
                ["clause": "egress.tcp", "mechanism": Mechanism.connectHooks.rawValue, "gap": gap])
            return nil
        }
    }

    /// By address only the hooks are exact; by port Landlock is too, since the baseline closes what it misses.
    private mutating func programs(_ table: EndpointTable) -> CgroupPlan? {
        let hooksWork = [Mechanism.connectHooks, .pins, .cgroup].allSatisfy(host.has)
        if host.custody == .daemon, hooksWork {
            return CgroupPlan(hooks: [.connect4, .connect6], tcp: table.entries.isEmpty && table.regions.isEmpty ? .none : .list(table))
        }
        let needsHooks = !isByPort || ports() == nil
        if needsHooks || !host.has(.landlockTCP) { refuseWithoutHooks(needsHooks: needsHooks) }
        return nil
    }

    /// Whether ports alone tell what is permitted.
    private var isByPort: Bool {
        switch policy.egress.tcp.orNone {
        case .none, .any: true
        case .endpoints(let list): list.allSatisfy { $0.value.addresses == .any }
        }
    }

    private mutating func refuseWithoutHooks(needsHooks: Bool) {
        let clause = isByPort ? "egress.tcp" : "egress.tcp by address"
        if host.custody == .user, needsHooks {
            refuse(.needsDaemon, at: policy.egress.tcp?.location, ["clause": clause, "mechanism": Mechanism.connectHooks.rawValue])
            return
        }
        if !needsHooks {
            require(.landlockTCP, for: clause, at: policy.egress.tcp?.location, needs: "Landlock ABI 4 (Linux 6.7), or a running sandboxd")
        }
        guard host.custody == .daemon else { return }
        for mechanism in [Mechanism.connectHooks, .pins] {
            require(mechanism, for: clause, at: policy.egress.tcp?.location, needs: "BPF programs on cgroups")
        }
    }

    /// Endpoints on both sides of the boundaries, each tried for what the policy means.
    private mutating func connectTrials() {
        guard case .endpoints(let list) = policy.egress.tcp.orNone else {
            trials.append(Trial(.tcpConnect(.loopback, port: 9), isPermitted: false))
            return
        }
        var tried: Set<Trial.Act> = []
        for endpoint in list.prefix(8).flatMap({ $0.value.boundaryEndpoints }) {
            let act = Trial.Act.tcpConnect(endpoint.address, port: endpoint.port)
            guard tried.insert(act).inserted, tried.count <= 24 else { continue }
            trials.append(Trial(act, isPermitted: list.contains { $0.value.contains(endpoint.address, endpoint.port) }))
        }
    }
}

extension EndpointPattern {
    /// An endpoint of the set, and its neighbours: the next address, the next port.
    fileprivate var boundaryEndpoints: [(address: IPAddress, port: UInt16)] {
        let inside = addresses.example
        let port = ports.example
        return [(inside, port), (addresses.outside ?? inside.neighbour, port), (inside, ports.outside ?? port)]
    }
}

extension EndpointPattern.Addresses {
    fileprivate var example: IPAddress {
        switch self {
        case .any: .loopback
        case .one(let address): address.connected
        case .network(let network, let prefix): prefix + 1 < network.width ? network.next : network
        case .public: .v4(0xcb00_7107)
        }
    }

    /// `nil` where every address is inside.
    fileprivate var outside: IPAddress? {
        switch self {
        case .any: nil
        case .one(let address): address.connected.neighbour
        case .network(let network, let prefix): prefix == 0 ? nil : network.flipping(bit: prefix - 1).next
        case .public: .v4(0x0a00_0007)
        }
    }
}

extension EndpointPattern.Ports {
    var asRange: ClosedRange<UInt16> {
        switch self {
        case .any: 0...UInt16.max
        case .one(let port): port...port
        case .range(let range): range
        }
    }

    fileprivate var example: UInt16 {
        switch self {
        case .any: 9
        case .one(let port): port
        case .range(let range): range.upperBound
        }
    }

    fileprivate var outside: UInt16? {
        let range = asRange
        if range.upperBound < UInt16.max { return range.upperBound + 1 }
        return range.lowerBound > 1 ? range.lowerBound - 1 : nil
    }
}

extension IPAddress {
    static let loopback = IPAddress.v4(0x7f00_0001)

    /// What connect(2) makes of an address: the unspecified one means loopback.
    var connected: IPAddress {
        guard unmapped.isUnspecified else { return unmapped }
        switch self {
        case .v4: return .loopback
        case .v6(_, let low): return low == 0 ? .v6(high: 0, low: 1) : .loopback
        }
    }

    /// The address that differs in the last bit but one.
    fileprivate var neighbour: IPAddress { flipping(bit: width - 2) }

    /// The address that differs in the last bit.
    fileprivate var next: IPAddress { flipping(bit: width - 1) }

    /// The address that differs in one bit, counted from the first.
    fileprivate func flipping(bit: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(value ^ (1 << UInt32(31 - bit)))
        case .v6(let high, let low):
            bit < 64 ? .v6(high: high ^ (1 << UInt64(63 - bit)), low: low) : .v6(high: high, low: low ^ (1 << UInt64(127 - bit)))
        }
    }
}
