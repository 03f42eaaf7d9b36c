import ControlProtocol
import Descriptors
import KernelPlan

/// How a daemon is, for people.
enum StatusText {
    static func text(
        _ place: (name: String, isFallback: Bool), _ status: DaemonStatus?, _ kept: KeptSessions?, width: Int? = nil, _ style: Style
    ) -> String {
        let first =
            place.isFallback
            ? "no sandboxd at \(Escaping.quoted(DaemonChoice.systemSocket)); a private one answers"
            : "sandboxd answers at \(Escaping.quoted(place.name))"
        let lines = status.map { told($0, width, style) } ?? ["log: not told; sandboxctl and sandboxd may be of different versions"]
        return ([style(.strong, first)] + lines + personal(kept)).map { $0 + "\n" }.joined()
    }

    private static func told(_ status: DaemonStatus, _ width: Int?, _ style: Style) -> [String] {
        let now = Int64(Clock.realtime / 1_000_000_000)
        let mode = status.custody == .daemon ? "daemon, as root" : "private, as you"
        let age = ApprovalText.duration(now - status.started)
        return [
            "mode: \(mode); version \(Escaping.line(status.version)), process \(status.process), for \(age)",
            "may start sessions: \(status.starters.words)", "sessions: \(sessions(status))", log(status.log, style),
            status.store.line(style), "second custody: \(status.log.secondCustody.rawValue)",
            "waiting for a person: \(waiting(status, now))", refusals(status.refusals, style),
        ] + denials(status.denials, now, width, style)
    }

    private static func sessions(_ status: DaemonStatus) -> String {
        let counts = SessionSummary.State.allCases.map { ($0.rawValue, status.sessions[$0] ?? 0) }.filter { $0.1 > 0 }
        return counts.isEmpty ? "none" : counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }

    private static func log(_ log: LogSummary, _ style: Style) -> String {
        if let fault = log.fault { return style(.error, "log: cannot be written: \(ErrnoWords.text(fault))") }
        return "log: \(log.receipts) receipts, \(max(0, log.receipts - log.signed)) of them pending"
    }

    private static func waiting(_ status: DaemonStatus, _ now: Int64) -> String {
        guard let oldest = status.oldestWait else { return "nothing" }
        return "\(status.waiting == 1 ? "1 call" : "\(status.waiting) calls"), the oldest for \(ApprovalText.duration(now - oldest))"
    }

    private static func refusals(_ open: Int64?, _ style: Style) -> String {
        switch open {
        case nil: style(.error, "open refusals: not told, since the ledger cannot be read")
        case 0: "open refusals: none"
        case let count?: "open refusals: \(count) (`sandboxctl refusals list`)"
        }
    }

    private static func denials(_ denials: [DenialSummary], _ now: Int64, _ width: Int?, _ style: Style) -> [String] {
        guard !denials.isEmpty else { return ["last denials: none"] }
        var table = TextTable(("WHEN", .right), ("SESSION", .left), ("SERVER", .left), ("BY", .left), ("WHAT", .left), ("WHY", .left))
        for one in denials {
            let why = [one.reason, one.rule.map { "rule \($0)" }].compactMap { $0.map { Escaping.line($0) } }.joined(separator: ", ")
            table.add([
                "\(ApprovalText.duration(now - one.time)) ago", Escaping.line(one.session),
                TextTable.clipped(Escaping.line(one.server), to: 24),
                one.by.rawValue, TextTable.clipped(Escaping.line(one.what), to: 60), why,
            ])
        }
        return ["last denials:"] + table.lines(indent: "  ", width: width, style)
    }

    private static func personal(_ kept: KeptSessions?) -> [String] {
        (kept?.lists ?? []).flatMap { one in
            one.list.sessions.map { "\(one.keeper), keeps a session of \(Escaping.quoted($0.server))" }
        }
    }
}

extension Starters {
    var words: String {
        switch who {
        case .anybody: "whoever reaches the socket, since there is no group \(Escaping.quoted(group))"
        case .members: "root, and members of the group \(Escaping.quoted(group))"
        case .owner: "you"
        case .unknown: "root alone, since the group \(Escaping.quoted(group)) cannot be looked up"
        }
    }
}

extension StoreSummary {
    /// Which it is, and whether it answers.
    func line(_ style: Style) -> String {
        let what = kind == .sqlite ? "a file of this host's (sqlite)" : "a database that hosts share (postgresql)"
        guard let fault else { return "store: \(what)" }
        return style(.error, "store: \(what) cannot be used: \(Escaping.line(fault))")
    }
}
