import ControlProtocol

/// One session, for people.
enum SessionText {
    static func whole(_ one: SessionSummary, _ details: SessionDetails, at socket: String, now: Int64, _ style: Style) -> String {
        let age = ApprovalText.duration(now - one.since)
        let lines =
            [
                style(.strong, "\(Escaping.line(one.id)): \(Escaping.quoted(one.server)), \(one.state.rawValue), for \(age)"),
                "policy     " + (details.policyName.map { Escaping.quoted($0) } ?? "unknown") + digest(details.policy),
                "plan       " + (details.plan == nil ? "none yet" : digest(details.plan).dropping(2)),
                "host       " + (details.host == nil ? "unknown" : digest(details.host).dropping(2)),
                "caller     uid \(one.caller)", "client     \(client(one))",
                "server     " + (details.uid.map { "runs as uid \($0)" } ?? "is not started yet"),
                "kept by    sandboxd at \(Escaping.quoted(socket))" + (details.isAdopted ? ", which took it over from an earlier one" : ""),
                "held by    "
                    + (details.mechanisms.isEmpty ? "unknown" : details.mechanisms.map { Escaping.line($0) }.joined(separator: " ")),
                "decisions  \(one.decisions.forward) forwarded, \(one.decisions.hold) asked, \(one.decisions.block) blocked",
            ] + counts("blocked", details.blocks, style)
        return
            (lines + kernel(one, details, style) + ["waiting    \(waiting(details))"] + budgets(details, style)).map { $0 + "\n" }.joined()
    }

    private static func digest(_ hex: String?) -> String { hex.map { ", sha256:\(Escaping.line($0))" } ?? "" }

    private static func client(_ one: SessionSummary) -> String {
        guard let client = one.client else { return "unknown" }
        return "\(client.executable.isEmpty ? "unknown" : Escaping.line(client.executable)), process \(client.pid)"
    }

    /// The most frequent first.
    private static func counts(_ name: String, _ counts: [String: Int64], _ style: Style) -> [String] {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.enumerated().map { index, one in
            (index == 0 ? name : "").padding(to: 11) + style(.warning, "\(Escaping.line(one.key))  \(one.value)")
        }
    }

    private static func kernel(_ one: SessionSummary, _ details: SessionDetails, _ style: Style) -> [String] {
        let lost = details.lost.map { $0 > 0 ? style(.error, ", \($0) lost") : "" } ?? ""
        return ["kernel     \(one.denials) acts denied\(lost)"] + counts("denied by", details.kernel, style)
    }

    private static func waiting(_ details: SessionDetails) -> String {
        guard !details.approvals.isEmpty else { return "nothing waits for a person" }
        return details.approvals.map { Escaping.line($0) }.joined(separator: " ") + " (see `sandboxctl approvals show`)"
    }

    private static func budgets(_ details: SessionDetails, _ style: Style) -> [String] {
        guard let budgets = details.budgets else { return [style(.error, "budgets    cannot be read")] }
        return budgets.enumerated().map { index, one in
            let owner = one.kind == .layer ? "layer \(Escaping.quoted(one.document))" : Escaping.quoted(one.document)
            return (index == 0 ? "budgets" : "").padding(to: 11)
                + "\(Escaping.quoted(one.budget)) of \(owner): \(Escaping.line(one.spent)) of \(Escaping.line(one.limit)) spent today"
        }
    }
}

extension String {
    fileprivate func dropping(_ count: Int) -> String { String(dropFirst(count)) }
}
