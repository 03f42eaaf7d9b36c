import Policy

extension CheckReport {
    /// For people: with several hosts a table and then each reason once, else policy after policy.
    func text(_ style: Style, columns: Int?, isVerbose: Bool) -> String {
        let body = hosts.count > 1 ? table(style, columns) : oneByOne(style)
        return body + skippedLines(isVerbose) + summary(style)
    }

    // MARK: One host

    /// What takes several lines stands alone.
    private func oneByOne(_ style: Style) -> String {
        var text = ""
        for (index, policy) in policies.enumerated() {
            if index > 0, !policy.isExact || !policies[index - 1].isExact { text += "\n" }
            text += onOneHost(policy, style)
        }
        return text
    }

    private func onOneHost(_ policy: CheckedPolicy, _ style: Style) -> String {
        let host = policy.verdicts.compactMap(\.host).first
        let place = host.map { " on \($0.isAsked ? "this host" : Escaping.line($0.name)) (\($0.origin))" } ?? ""
        let file = Escaping.line(policy.file)
        if policy.isExact { return "\(file): \(style(.good, "exact"))\(place)\n" }
        let reasons = policy.findings.map(\.reason)
        let text = RefusalText(source: policy.source, style: style).text(reasons)
        return text + "\n\(file): \(style(.error, "refused"))\(place), \(Self.count(reasons.count, "reason"))\n"
    }

    // MARK: Several hosts

    private func table(_ style: Style, _ columns: Int?) -> String {
        let table = HostTable(
            hosts: hosts.map(\.name),
            rows: policies.map { policy in
                HostTable.Row(
                    policy: policy.file,
                    cells: hosts.map { host in policy.verdict(on: host).map { $0.codes.map(\.rawValue) } })
            })
        let reasons = policies.filter { !$0.isExact }.map { self.reasons($0, style) }.joined()
        return table.text(style, columns: columns) + reasons
    }

    private func reasons(_ policy: CheckedPolicy, _ style: Style) -> String {
        let refusals = RefusalText(source: policy.source, style: style)
        let texts = policy.findings.map { finding in refusals.text(finding.reason, on: hostsToName(finding)) }
        return "\n" + texts.joined(separator: "\n")
    }

    /// Nil where the reason holds on all of them.
    private func hostsToName(_ finding: CheckedPolicy.Finding) -> String? {
        guard let those = finding.hosts, those.count < hosts.count else { return nil }
        return those.map { Escaping.line($0.name) }.joined(separator: ", ")
    }

    // MARK: The end

    private func skippedLines(_ isVerbose: Bool) -> String {
        isVerbose ? skipped.map { "\(Escaping.line($0.file)): skipped, \($0.why)\n" }.joined() : ""
    }

    /// Only where there is more than the eye takes in.
    private func summary(_ style: Style) -> String {
        guard policies.count > 1 || !skipped.isEmpty else { return "" }
        let exact = policies.count { $0.isExact }
        let place = hosts.count > 1 ? " on all hosts" : ""
        let counts = ["\(exact) exact\(place)"] + (exact < policies.count ? ["\(policies.count - exact) refused"] : [])
        let left = skipped.isEmpty ? "" : "; \(Self.count(skipped.count, "other YAML file")) skipped"
        return "\n\(Self.count(policies.count, "policy", "policies")): \(counts.joined(separator: ", "))\(left)\n"
    }

    private static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }
}
