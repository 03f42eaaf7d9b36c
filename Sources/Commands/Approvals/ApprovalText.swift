import ControlProtocol
import StrictJSON

/// Calls that wait, for people.
enum ApprovalText {
    /// Where there is a width, what does not fit into it is cut off.
    static func list(_ all: [ApprovalSummary], now: Int64, width: Int? = nil, _ style: Style = .plain) -> String {
        guard !all.isEmpty else { return "nothing waits for a person\n" }
        var table = TextTable(("ID", .left), ("TOOL", .left), ("SERVER", .left), ("RULE", .left), ("ASKED", .right), ("", .left))
        for one in all { table.add(row(one, now)) }
        return table.lines(width: width, style).map { $0 + "\n" }.joined()
    }

    private static func row(_ one: ApprovalSummary, _ now: Int64) -> [String] {
        [
            Escaping.line(one.id), clipped(one.tool), clipped(one.server), clipped(one.rule), "\(duration(now - one.asked)) ago",
            state(one),
        ]
    }

    private static func state(_ one: ApprovalSummary) -> String {
        [one.waits ? "" : "for the next call", one.mayDecide ? "" : "not yours to decide"].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func clipped(_ text: String) -> String { TextTable.clipped(Escaping.line(text), to: 32) }

    /// All of one.
    static func whole(_ one: ApprovalSummary, _ arguments: String, lastApproved: String?, now: Int64, _ style: Style) -> String {
        var lines = [
            style(.strong, "\(Escaping.line(one.id)): \(subject(one))"),
            "policy    sha256:\(Escaping.line(one.policy))",
            "rule      \(Escaping.line(one.rule))" + (one.layer.map { " of layer \(Escaping.quoted($0))" } ?? " of the policy"),
        ]
        if let reason = one.reason { lines.append("reason    \(Escaping.line(reason))") }
        lines.append("caller    uid \(one.caller)")
        if let client = one.client {
            lines.append("client    \(client.executable.isEmpty ? "unknown" : Escaping.line(client.executable)), process \(client.pid)")
        }
        lines += [
            "session   \(Escaping.line(one.session))",
            "asked     \(duration(now - one.asked)) ago, expires in \(duration(one.expires - now))",
            "answer    " + (one.waits ? (one.message == nil ? "the client waits for it" : "it is waited for") : again(one)),
            "decides   \(one.by.map { Escaping.line($0) }.joined(separator: ", "))" + (one.mayDecide ? "" : ", but not you"),
            one.message == nil ? "arguments" : "parameters",
        ]
        let shown = ArgumentText.lines(arguments)
        lines += shown.map { "  " + $0 }
        let last = one.message == nil ? "the last approved call of this tool" : "what was approved last of this kind"
        if let lastApproved { lines += difference(shown, ArgumentText.lines(lastApproved), last, style) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func subject(_ one: ApprovalSummary) -> String {
        let server = "\(Escaping.quoted(one.server))"
        return switch one.message {
        case nil: "the tool \(Escaping.quoted(one.tool)) of \(server)"
        case "sampling"?: "\(server) asks the client's model (\(Escaping.line(one.tool)))"
        case "elicitation"?: "\(server) asks the user (\(Escaping.line(one.tool)))"
        case "roots"?: "\(server) asks which directories the client works in (\(Escaping.line(one.tool)))"
        case let kind?: "\(server) asks for \(Escaping.line(kind)) (\(Escaping.line(one.tool)))"
        }
    }

    private static func again(_ one: ApprovalSummary) -> String {
        one.message == nil
            ? "was given: whoever makes the call again gets what you decide"
            : "was given: the server gets what you decide when it asks again"
    }

    private static func difference(_ new: [String], _ old: [String], _ last: String, _ style: Style) -> [String] {
        if new == old { return ["as in \(last)"] }
        guard new.count + old.count <= 2_000 else { return ["unlike \(last), in too many places to show"] }
        let changes = new.difference(from: old)
        let gone = changes.removals.map { change in if case .remove(_, let line, _) = change { "  - " + line } else { "" } }
        let come = changes.insertions.map { change in if case .insert(_, let line, _) = change { "  + " + line } else { "" } }
        return ["unlike \(last)"] + gone.map { style(.error, $0) } + come.map { style(.good, $0) }
    }

    /// `42 s`, `7 min`, `3 h`.
    static func duration(_ seconds: Int64) -> String {
        let seconds = max(0, seconds)
        if seconds < 120 { return "\(seconds) s" }
        return seconds < 7_200 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }
}
