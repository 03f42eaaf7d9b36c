import Policy

/// Which hosts of a fleet can hold which policies, and what another kernel would change.
struct FleetReport: Sendable {
    /// What becomes of a policy on a host that gets a kernel that it has not yet.
    struct Change: Sendable, Hashable {
        let host: FleetHost
        let policy: String
        /// Codes; none: exact.
        let before: [ReasonCode]
        let after: [ReasonCode]

        var refuses: Bool { before.isEmpty }
    }

    /// Hosts on which every policy comes out alike.
    struct Group: Sendable, Hashable {
        var hosts: [FleetHost]
        /// For each policy; nil: not judged.
        let outcomes: [[ReasonCode]?]
    }

    let report: CheckReport
    let hosts: [FleetHost]

    init(_ report: CheckReport) {
        self.report = report
        hosts = report.hosts.map(FleetHost.init).sorted { $0.sortKey.lexicographicallyPrecedes($1.sortKey) }
    }

    var isExact: Bool { report.isExact }

    /// Those that are no layers, and layers that cannot be read.
    var policies: [CheckedPolicy] { report.policies.filter { $0.layer == nil || !$0.isExact } }

    static func outcome(_ policy: CheckedPolicy, _ host: FleetHost) -> [ReasonCode]? { policy.verdict(on: host.host)?.codes }

    /// In the order of the hosts, the first host of each first.
    var groups: [Group] {
        hosts.reduce(into: []) { groups, host in
            let outcomes = policies.map { Self.outcome($0, host) }
            if let index = groups.firstIndex(where: { $0.outcomes == outcomes }) {
                groups[index].hosts.append(host)
            } else {
                groups.append(Group(hosts: [host], outcomes: outcomes))
            }
        }
    }

    /// Where there is a profile of the host as it is, too. What an upgrade would refuse comes first.
    var changes: [Change] {
        let found = hosts.filter { $0.planned != nil }.flatMap { planned -> [Change] in
            guard let present = hosts.first(where: { $0.planned == nil && $0.name.utf8.elementsEqual(planned.name.utf8) }) else {
                return []
            }
            return policies.compactMap { policy in
                guard let before = Self.outcome(policy, present), let after = Self.outcome(policy, planned), before != after else {
                    return nil
                }
                return Change(host: planned, policy: policy.file, before: before, after: after)
            }
        }
        return found.filter(\.refuses) + found.filter { !$0.refuses }
    }
}
