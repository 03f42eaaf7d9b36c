public import Policy

extension CgroupPlan {
    /// What programs have to judge so that a session of the old policy, which runs, is permitted no more of the network than the new one says. Its
    /// filter and its Landlock domain stay as they were, so that the programs judge all of it. `nil` where they cannot.
    public init?(tightening old: Policy, to new: Policy, on host: HostProfile) {
        guard let tcp = new.askedTCP.judged(connecting: true), let udp = new.askedUDP.judged(connecting: true),
            let own = new.askedOwn.judged(connecting: false), let sockets = Self.unixHooks(old.unixGrant, new.unixGrant, on: host)
        else { return nil }
        self.init(
            hooks: [.connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress] + sockets, tcp: tcp, udp: udp, own: own,
            unix: sockets.contains(.unix) ? new.unixGrant.rules : [])
    }

    private static func unixHooks(_ old: UnixGrant, _ new: UnixGrant, on host: HostProfile) -> [Hook]? {
        switch new {
        case .none where old == .none: []
        case .none: host.has(.unixHooks) ? [.connectUnix, .sendmsgUnix] : nil
        case .paths where old.rules == new.rules: []
        case .paths: host.has(.bpfLSM) ? [.unix] : nil
        case .any: old == .any ? [] : nil
        }
    }
}

extension Policy {
    fileprivate var unixGrant: UnixGrant { clauses.egress.unix.orNone }
}

extension InodeRule {
    /// In the order of their paths, each once.
    static func sorted(_ found: [PathFacts]) -> [InodeRule] {
        Set(found.map { InodeRule(path: $0.resolved, device: $0.device, inode: $0.inode) })
            .sorted { $0.path.isOrdered(before: $1.path) || ($0.path.utf8.elementsEqual($1.path.utf8) && $0.inode < $1.inode) }
    }
}

extension UnixGrant {
    /// In the order of their paths, each once.
    var rules: [InodeRule] {
        InodeRule.sorted(paths.map(\.found))
    }
}
