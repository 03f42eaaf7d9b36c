import Policy

extension Compiler {
    /// Unix sockets that may be made can be received over, and what is received escapes the hooks.
    private var allowsAnyUnix: Bool { policy.egress.unix.orNone == .any }

    private var reachesUnix: Bool { policy.egress.unix.orNone != .none }

    /// Whether the session reaches no address and is reached at none.
    private var hasNoNetwork: Bool { tcp == .none && udp == .none && own == .none }

    func networkNeeds() -> [Need] { [ownNeed(), egressNeed(), unixNeed()].compactMap { $0 } }

    // MARK: Reasons that no mechanism takes away

    mutating func checkNetwork() {
        for endpoint in ownPatterns {
            // To bind(2) it is every address of the host, to whoever connects it is none.
            guard case .one(let address) = endpoint.value.addresses, address.isUnspecified else { continue }
            refuse(.unspecifiedEndpoint, at: endpoint.location, ["endpoint": endpoint.value.description])
        }
        checkTables()
        checkAnyUnix()
        for grant in policy.egress.unix.orNone.paths { checkSocket(grant) }
    }

    private var ownPatterns: [Located<EndpointPattern>] {
        guard case .endpoints(let list) = policy.ingress.tcp.orNone else { return [] }
        return list
    }

    private mutating func checkTables() {
        let sets: [(String, AskedEndpoints, SourceLocation?, Bool)] = [
            ("egress.tcp", tcp, policy.egress.tcp?.location, true), ("egress.udp", udp, policy.egress.udp?.location, true),
            ("ingress.tcp", own, policy.ingress.tcp?.location, false),
        ]
        // By port Landlock may hold what a table cannot, of TCP.
        for (clause, set, location, connecting) in sets
        where (clause != "egress.tcp" || set.ports == nil) && set.judged(connecting: connecting) == nil {
            let gap = "one set of addresses has more than \(EndpointTable.rangeLimit) separate ranges of ports"
            refuse(.inexpressible, at: location, ["clause": clause, "mechanism": Mechanism.connectHooks.rawValue, "gap": gap])
        }
    }

    /// `unix: any` beside a clause that only hooks hold.
    private mutating func checkAnyUnix() {
        guard allowsAnyUnix else { return }
        let held: [(String, Bool)] = [
            ("egress.tcp", tcp != .any && tcp.ports == nil), ("egress.udp", udp != .any && udp != .none), ("ingress.tcp", own != .none),
        ]
        for (clause, isHeld) in held where isHeld { refuse(.unixBesideHooks, at: policy.egress.unix?.location, ["clause": clause]) }
    }

    private mutating func checkSocket(_ grant: GrantedPath) {
        if grant.found.kind != .socket {
            let facts = ["path": grant.path, "kind": grant.found.kind.rawValue, "expected": "socket"]
            refuse(.wrongFileKind, at: grant.location, facts)
        }
    }

    // MARK: Own endpoints

    /// Without a grant the filter forbids bind(2) and listen(2). `any` needs nothing, as long as other sockets than TCP cannot be bound.
    private func ownNeed() -> Need? {
        let location = policy.ingress.tcp?.location
        switch own {
        case .none: return nil
        case .any:
            guard udp != .none, !allowsAnyUnix else { return nil }
            return Need("ingress.tcp", at: location, [Need.Way([.bindHooks, .pins, .cgroup], .asGranted)])
        case .patterns:
            guard !allowsAnyUnix, own.judged(connecting: false) != nil else { return nil }
            let way = Need.Way([.bindHooks, .ingressFilter, .pins, .cgroup], .asGranted)
            let isWithoutFilter = host.custody == .daemon && !host.has(.ingressFilter)
            return Need("ingress.tcp", at: location, [way], otherwise: isWithoutFilter ? .code(.listenWithoutFilter, [:]) : .mechanisms)
        }
    }

    // MARK: Egress

    private func egressNeed() -> Need? {
        let ways = egressWays
        // Where nothing is restricted, nothing holds it; where there is no way at all, that has been refused.
        guard !ways.isEmpty, !(tcp == .any && (udp == .any || udp == .none)) else { return nil }
        if let names = policy.egress.names, names.value != .none {
            return Need("egress.names", at: names.location, [Need.Way([.networkNamespace], .door)])
        }
        let location = policy.egress.tcp?.location ?? policy.egress.udp?.location ?? policy.egress.dns?.location
        return Need("egress", at: location, ways)
    }

    private var egressWays: [Need.Way] {
        var ways: [Need.Way] = []
        if tcp == .none, udp == .none {
            if !reachesUnix { ways.append(Need.Way([.seccomp], .filter)) }
        }
        if let mechanisms = portMechanisms { ways.append(Need.Way(mechanisms, .ports)) }
        if hasNoNetwork, !allowsAnyUnix, reachesUnix { ways.append(Need.Way([.networkNamespace], .emptyNetwork)) }
        if !allowsAnyUnix, let mechanisms = programMechanisms { ways.append(Need.Way(mechanisms, .programs)) }
        return ways
    }

    /// Landlock, where ports tell it all. UDP that reaches nothing is held by the kinds of sockets; TCP is not, since servers make sockets without
    /// connecting them. Landlock's right over UDP (ABI 10) is no way: it lets in whatever is sent to a socket's port.
    private var portMechanisms: [Mechanism]? {
        guard udp == .any || udp == .none, tcp == .any || tcp.ports != nil else { return nil }
        return tcp == .any ? [] : [.landlockTCP]
    }

    private var programMechanisms: [Mechanism]? {
        guard tcp.judged(connecting: true) != nil, udp.judged(connecting: true) != nil else { return nil }
        return [.connectHooks, .pins, .cgroup] + (udp == .any || udp == .none ? [] : [.sendHooks])
    }

    // MARK: Unix sockets

    private func unixNeed() -> Need? {
        let paths = policy.egress.unix.orNone.paths
        guard !paths.isEmpty else { return nil }
        var ways: [Need.Way] = []
        // A filter cannot tell a unix socket that is bound from a TCP one.
        if own == .none {
            ways += abstractWays.map { Need.Way([.landlockUnix] + $0.0, .unixRight(isScoped: $0.1)) }
            if grantsNoDirectory { ways += abstractWays.map { Need.Way([.mountNamespace] + $0.0, .unixTree(isScoped: $0.1)) } }
        }
        ways.append(Need.Way([.bpfLSM, .pins, .cgroup], .unixPrograms))
        return Need("egress.unix", at: policy.egress.unix?.location, ways, otherwise: .code(.unixPathUnavailable, [:]))
    }

    private var abstractWays: [([Mechanism], Bool)] {
        (hasNoNetwork ? [([.networkNamespace], false)] : []) + [([.landlockScopes], true)]
    }

    /// A granted directory may hold sockets, and a tree that shows it shows these.
    private var grantsNoDirectory: Bool { grants.allSatisfy { $0.found.kind != .directory } }

    // MARK: The plan's parts

    func hasEmptyNetwork(_ means: Set<Need.Means>) -> Bool {
        !means.isDisjoint(with: [.emptyNetwork, .door, .unixRight(isScoped: false), .unixTree(isScoped: false)])
    }

    func connectPorts(_ means: Set<Need.Means>) -> [UInt16]? {
        if means.contains(.ports) { return tcp.ports }
        // Behind a door there is nobody else but a socket that meets itself.
        return means.contains(.door) && host.has(.landlockTCP) ? [NameDoor.port] : nil
    }

    func programs(_ means: Set<Need.Means>) -> CgroupPlan? {
        // Where the hooks of connections are not attached, another mechanism judges TCP, and UDP is free or has no sockets.
        var plan = CgroupPlan(hooks: [], tcp: .any, udp: udp == .any ? .any : .none)
        if means.contains(.programs), let tcp = tcp.judged(connecting: true), let udp = udp.judged(connecting: true) {
            plan.tcp = tcp
            plan.udp = udp
            plan.hooks += [.connect4, .connect6]
            // Control data turns datagrams elsewhere, and whoever learns a port can send to it: packets are judged both ways, too.
            if self.udp != .any, self.udp != .none { plan.hooks += [.sendmsg4, .sendmsg6, .egress, .ingress] }
        }
        if let own = ownNeed() == nil ? nil : own.judged(connecting: false) {
            plan.own = own
            plan.hooks += [.bind4, .bind6] + (own == .any ? [] : [.ingress])
        }
        if means.contains(.unixPrograms) {
            plan.unix = policy.egress.unix.orNone.rules
            plan.hooks.append(.unix)
        }
        if !plan.hooks.isEmpty { plan.hooks += secondLayers(beside: plan.hooks) }
        // It judges what may listen, too, where nothing else has to.
        if plan.hooks.contains(.received), own == .any { plan.own = .any }
        executeAgain(&plan)
        plan.hooks = CgroupPlan.Hook.allCases.filter(plan.hooks.contains)
        return plan.hooks.isEmpty ? nil : plan
    }

    /// Beside other programs only. Each costs a start some tenths of a millisecond, and nothing is exact by it: a session that the filter holds
    /// alone takes no program, and needs no privilege, for their sake.
    private func secondLayers(beside hooks: [CgroupPlan.Hook]) -> [CgroupPlan.Hook] {
        var layers: [CgroupPlan.Hook] = host.has(.connectHooks) ? [.sockCreate] : []
        if !reachesUnix, host.has(.unixHooks) { layers += [.connectUnix, .sendmsgUnix] }
        // Without a unix socket nothing is received.
        if reachesUnix, hooks.contains(.connect4) || hooks.contains(.bind4), host.has(.bpfLSM) { layers.append(.received) }
        return layers
    }
}
