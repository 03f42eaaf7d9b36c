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
        guard let entries = entries() else { return nil }
        connectTrials(entries)
        return programs(entries)
    }

    /// The ports of the list, for Landlock; `nil` when it must not handle TCP.
    func ports() -> [UInt16]? {
        switch policy.egress.tcp {
        case .any: nil
        case .none: []
        case .endpoints(let list): Array(Set(list.compactMap(\.value.onePort))).sorted()
        }
    }

    /// The list as map entries; `nil` when there is none to hold, or it was refused.
    private mutating func entries() -> [CgroupPlan.Entry]? {
        switch policy.egress.tcp {
        case .any:
            trials.append(Trial(.tcpConnect(.loopback, port: 9), isPermitted: true))
            return nil
        case .none:
            return []
        case .endpoints(let list):
            let before = reasons.count
            let entries = list.compactMap { entry($0) }
            guard reasons.count == before else { return nil }
            return entries.sorted { $0.order.lexicographicallyPrecedes($1.order) }.unique()
        }
    }

    private mutating func entry(_ endpoint: Located<EndpointPattern>) -> CgroupPlan.Entry? {
        switch (endpoint.value.addresses, endpoint.value.ports) {
        case (.any, .one(let port)): return CgroupPlan.Entry(address: nil, port: port)
        case (.one(let address), .one(let port)): return CgroupPlan.Entry(address: address.connected, port: port)
        case (.any, _), (.one, _), (.network, _), (.public, _):
            refuse(.notEnforcedYet, at: endpoint.location, ["place": "egress.tcp", "value": endpoint.value.description])
            return nil
        }
    }

    /// By address only the hooks are exact; by port Landlock is too, since the baseline closes what it misses.
    private mutating func programs(_ entries: [CgroupPlan.Entry]) -> CgroupPlan? {
        let byAddress = entries.contains { $0.address != nil }
        let hooksWork = [Mechanism.connectHooks, .sendHooks, .socketHook, .pins, .cgroup].allSatisfy(host.has)
        if host.custody == .daemon, hooksWork {
            return CgroupPlan(tcp: entries.isEmpty ? .none : .list(entries))
        }
        if byAddress || !host.has(.landlockTCP) { refuseWithoutHooks(byAddress: byAddress) }
        return nil
    }

    private mutating func refuseWithoutHooks(byAddress: Bool) {
        let clause = byAddress ? "egress.tcp by address" : "egress.tcp"
        if host.custody == .user, byAddress {
            refuse(.needsDaemon, at: policy.egress.tcpLocation, ["clause": clause, "mechanism": Mechanism.connectHooks.rawValue])
            return
        }
        if !byAddress {
            require(.landlockTCP, for: clause, at: policy.egress.tcpLocation, needs: "Landlock ABI 4 (Linux 6.7), or a running sandboxd")
        }
        guard host.custody == .daemon else { return }
        for mechanism in [Mechanism.connectHooks, .sendHooks, .socketHook, .pins] {
            require(mechanism, for: clause, at: policy.egress.tcpLocation, needs: "BPF programs on cgroups")
        }
    }

    /// One permitted endpoint of each kind, and its neighbours on the other side of the boundary.
    private mutating func connectTrials(_ entries: [CgroupPlan.Entry]) {
        for entry in entries.prefix(8) {
            trials.append(Trial(.tcpConnect(entry.address ?? .loopback, port: entry.port), isPermitted: true))
        }
        if let first = entries.first(where: { $0.address != nil }), let address = first.address {
            let neighbour = address.neighbour
            if !entries.contains(where: { $0.port == first.port && ($0.address == nil || $0.address == neighbour) }) {
                trials.append(Trial(.tcpConnect(neighbour, port: first.port), isPermitted: false))
            }
        }
        let used = Set(entries.map(\.port))
        if let free = (UInt16(9)...1_000).first(where: { !used.contains($0) }) {
            trials.append(Trial(.tcpConnect(entries.first?.address ?? .loopback, port: free), isPermitted: false))
        }
    }
}

extension EndpointPattern {
    fileprivate var onePort: UInt16? {
        if case .one(let port) = ports { port } else { nil }
    }
}

extension IPAddress {
    static let loopback = IPAddress.v4(0x7f00_0001)

    /// What connect(2) makes of an address: the unspecified one means loopback.
    var connected: IPAddress {
        guard unmapped.isUnspecified else { return unmapped }
        switch self {
        case .v4: return .loopback
        case .v6: return .v6(high: 0, low: 1)
        }
    }

    /// The address that differs in the last bit but one; never the unspecified one.
    var neighbour: IPAddress {
        switch self {
        case .v4(let value): .v4(value ^ 2)
        case .v6(let high, let low): .v6(high: high, low: low ^ 2)
        }
    }
}

extension CgroupPlan.Entry {
    /// Entries for every address first, then by bytes.
    fileprivate var order: [UInt8] {
        (address?.mappedBytes).map { [1] + $0 + portBytes } ?? [0] + portBytes
    }

    private var portBytes: [UInt8] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
}

extension Array where Element: Equatable {
    /// Without repetitions that stand side by side.
    fileprivate func unique() -> [Element] {
        reduce(into: []) { result, element in
            if result.last != element { result.append(element) }
        }
    }
}
