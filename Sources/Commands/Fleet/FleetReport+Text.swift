import Policy

extension FleetReport {
    /// For people: what upgrades would change, the table, which hosts stand in it together, and each reason once.
    func text(_ style: Style, columns: Int?) -> String {
        let groups = groups
        let table = HostTable(
            hosts: groups.map(Self.heading),
            rows: policies.enumerated().map { index, policy in
                HostTable.Row(policy: policy.file, cells: groups.map { $0.outcomes[index].map { $0.map(\.rawValue) } })
            })
        let reasons = policies.filter { !$0.isExact }.map { self.reasons($0, style) }.joined()
        return changeLines(style) + table.text(style, columns: columns) + legend(groups, columns) + reasons + summary(groups)
    }

    // MARK: Changes

    /// One line for each host and kernel, and each direction.
    private func changeLines(_ style: Style) -> String {
        var lines: [String] = []
        var told: Set<[String]> = []
        for change in changes {
            let kind = Self.kind(change)
            guard told.insert([change.host.label, kind.verb]).inserted else { continue }
            let same = changes.filter { $0.host == change.host && Self.kind($0).verb == kind.verb }
            let names = same.map { Escaping.line($0.policy) + kind.codes($0) }.joined(separator: ", ")
            let host =
                "an upgrade of \(Escaping.line(change.host.name)) to \(Escaping.line(change.host.planned ?? "")) \(kind.verb) \(names)"
            lines.append(style(change.refuses ? .error : .help, host) + "\n")
        }
        return lines.isEmpty ? "" : lines.joined() + "\n"
    }

    private static func kind(_ change: Change) -> (verb: String, codes: (Change) -> String) {
        let list = { (codes: [ReasonCode]) in codes.map(\.rawValue).joined(separator: " ") }
        if change.before.isEmpty { return ("would refuse", { " (\(list($0.after)))" }) }
        if change.after.isEmpty { return ("would make exact", { _ in "" }) }
        return ("would refuse for other reasons", { " (\(list($0.before)), then \(list($0.after)))" })
    }

    // MARK: Groups

    /// The first host, and how many more.
    private static func heading(_ group: Group) -> String {
        group.hosts.count == 1 ? group.hosts[0].label : "\(group.hosts[0].label) +\(group.hosts.count - 1)"
    }

    /// Only of groups of several; a host that stands alone is named in the table.
    private func legend(_ groups: [Group], _ columns: Int?) -> String {
        let lines = groups.filter { $0.hosts.count > 1 }.map { group in
            let heading = Escaping.line(Self.heading(group))
            let names = group.hosts.map { Escaping.line($0.label) }.joined(separator: ", ")
            return TextWrapping.wrapped(names, width: columns ?? 100, first: "\(heading): ", rest: "  ")
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    // MARK: Reasons

    private func reasons(_ policy: CheckedPolicy, _ style: Style) -> String {
        let refusals = RefusalText(source: policy.source, style: style)
        let texts = policy.findings.map { finding in refusals.text(finding.reason, on: place(finding)) }
        return "\n" + texts.joined(separator: "\n")
    }

    /// Nil where the reason holds on all of them.
    private func place(_ finding: CheckedPolicy.Finding) -> String? {
        guard let those = finding.hosts, those.count < hosts.count else { return nil }
        let names = hosts.filter { those.contains($0.host) }.map { Escaping.line($0.label) }
        return names.count <= Self.namedAtOnce
            ? names.joined(separator: ", ")
            : "\(names.prefix(Self.namedAtOnce).joined(separator: ", ")) and \(names.count - Self.namedAtOnce) more"
    }

    private static let namedAtOnce = 6

    private func summary(_ groups: [Group]) -> String {
        let exact = policies.count { $0.isExact }
        return
            "\n\(hosts.count) \(hosts.count == 1 ? "profile" : "profiles"), \(policies.count) \(policies.count == 1 ? "policy" : "policies"): \(exact) exact on all\(exact < policies.count ? ", \(policies.count - exact) refused somewhere" : "")\n"
    }
}
