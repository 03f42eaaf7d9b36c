import Policy

extension CheckReport {
    /// For people: with several hosts a table and then each reason once, else policy after policy.
    func text(_ style: Style, columns: Int?, isVerbose: Bool) -> String {
        let body = hosts.count > 1 ? table(style, columns) : oneByOne(policies, style)
        return body + skippedLines(isVerbose) + summary(style)
    }

    // MARK: One host

    /// What takes several lines stands alone.
    private func oneByOne(_ policies: [CheckedPolicy], _ style: Style) -> String {
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
        if policy.isExact, policy.layer != nil { return "\(file): \(style(.good, "read")), a layer\n" }
        if policy.isExact {
            let notes = policy.verdicts.flatMap(\.notes).map { "  " + style(.frame, "=") + " " + style(.help, "note:") + " \($0)\n" }
                .joined()
            return "\(file): \(style(.good, "exact"))\(place)\(Self.tightened(policy))\n\(notes)"
        }
        let reasons = policy.findings.map(\.reason)
        let text = RefusalText(source: policy.source, style: style).text(reasons) + Self.ledger(policy, style)
        return text + "\n\(file): \(style(.error, "refused"))\(place)\(Self.tightened(policy)), \(Self.count(reasons.count, "reason"))\n"
    }

    /// Where the refusal is recorded, or why it is not.
    private static func ledger(_ policy: CheckedPolicy, _ style: Style) -> String {
        switch policy.ledger {
        case nil: ""
        case .recorded(let entry): RefusalText(source: policy.source, style: style).recorded(as: entry)
        case .unrecorded(let why): "\n  " + style(.frame, "=") + " " + style(.help, "note:") + " this refusal is not recorded: \(why)\n"
        }
    }

    /// Which layers apply.
    private static func tightened(_ policy: CheckedPolicy) -> String {
        let names = policy.layers.map { Escaping.quoted($0) }
        return names.isEmpty ? "" : ", tightened by \(names.count == 1 ? "layer" : "layers") \(Explanation.list(names))"
    }

    // MARK: Several hosts

    /// A layer that is only read has no verdict on a host.
    private var tabled: [CheckedPolicy] { policies.filter { $0.layer == nil || !$0.isExact } }

    private func table(_ style: Style, _ columns: Int?) -> String {
        let table = HostTable(
            hosts: hosts.map(\.name),
            rows: tabled.map { policy in
                HostTable.Row(
                    policy: policy.file,
                    cells: hosts.map { host in policy.verdict(on: host).map { $0.codes.map(\.rawValue) } })
            })
        let reasons = policies.filter { !$0.isExact }.map { self.reasons($0, style) }.joined()
        let layers = policies.filter { $0.layer != nil && $0.isExact }
        let notes = tabled.filter { !$0.layers.isEmpty }.map { "\(Escaping.line($0.file))\(Self.tightened($0))\n" }.joined()
        return table.text(style, columns: columns) + notes + oneByOne(layers, style) + reasons
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
        guard self.policies.count > 1 || !skipped.isEmpty else { return "" }
        let policies = policiesAlone, layers = self.policies.count - policies.count
        let exact = policies.count { $0.isExact }
        let place = hosts.count > 1 ? " on all hosts" : ""
        let counts = ["\(exact) exact\(place)"] + (exact < policies.count ? ["\(policies.count - exact) refused"] : [])
        let refused = layers - layersRead
        let read = layers == 0 ? "" : "; \(Self.count(layers, "layer")): \(layersRead) read\(refused > 0 ? ", \(refused) refused" : "")"
        let left = skipped.isEmpty ? "" : "; \(Self.count(skipped.count, "other YAML file")) skipped"
        return "\n\(Self.count(policies.count, "policy", "policies")): \(counts.joined(separator: ", "))\(read)\(left)\n"
    }

    private static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }
}
