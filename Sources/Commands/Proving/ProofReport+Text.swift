extension ProofReport {
    private static let margin = 20
    /// Of attempts with one reason.
    private static let named = 12

    /// For people, in lines of that many columns; nil where it is not a terminal that shows them.
    func text(_ style: Style, columns: Int?) -> String {
        let width = columns ?? 100
        let findings = lines.flatMap(\.findings)
        return head(width) + "\n" + lines.map { text($0, style, width) }.joined() + findings.map { text($0, style, width) }.joined()
            + notTried(width)
            + elsewhere(width) + "\n" + last(columns ?? .max)
    }

    private func head(_ width: Int) -> String {
        let rows = [
            ("policy", Escaping.line(policy)), ("host", origin),
            ("session", sessions.map { Escaping.line($0) }.joined(separator: ", then ")),
            ("control", "each act once unconfined, as \(control), by the same program"),
        ]
        return rows.map { Self.row($0, $1, width) }.joined()
    }

    private static func row(_ name: String, _ text: String, _ width: Int, indent: Int = 9) -> String {
        let first = name + String(repeating: " ", count: max(1, indent - name.utf8.count))
        return TextWrapping.wrapped(text, width: width, first: first, rest: String(repeating: " ", count: indent))
    }

    private func text(_ line: Line, _ style: Style, _ width: Int) -> String {
        let name = line.clause.rawValue.padded(to: Self.margin)
        let counts = [
            line.stopped.isEmpty ? nil : "\(line.stopped.count) stopped",
            line.worked.isEmpty ? nil : "\(line.worked.count) worked",
            line.untried.isEmpty ? nil : "\(line.untried.count) not tried",
        ].compactMap { $0 }.joined(separator: ", ")
        let state =
            switch line.state {
            case .enforced: style(.good, "enforced (observed)") + ": " + counts
            case .permits: "permitted: " + counts
            case .notTried: style(.warning, "not tried") + (line.untried.isEmpty ? ": nothing applies" : ": \(line.untried.count)")
            case .broken: style(.error, line.words) + (counts.isEmpty ? "" : ": " + counts)
            }
        let holder =
            line.state == .enforced || line.state == .broken
            ? Self.row("", "by \(holders[line.clause] ?? "")", width, indent: Self.margin) : ""
        return name + state + "\n" + holder
    }

    private func text(_ result: ProofResult, _ style: Style, _ width: Int) -> String {
        let (title, rows): (String, [(String, String)]) =
            switch result.outcome {
            case .gotThrough(let what): ("GOT THROUGH", [("forbidden", result.attempt.what), ("seen", what)])
            case .denied(let how): ("DENIED THOUGH PERMITTED", [("permitted", result.attempt.what), ("told", how)])
            case .stopped, .worked, .untried: ("", [])
            }
        let alone = "\(repeating) --attempt \(result.attempt.id)"
        return "\n" + style(.error, title) + " " + style(.strong, result.attempt.id) + " (\(result.attempt.clause.rawValue))\n"
            + (rows + [("alone", alone)]).map { Self.row("  " + $0, $1, width, indent: 13) }.joined()
    }

    private func notTried(_ width: Int) -> String {
        guard !untried.isEmpty else { return "" }
        return "\nnot tried\n"
            + untried.map { group in
                let more = group.ids.count > Self.named ? ", and \(group.ids.count - Self.named) more, which `--json` names" : ""
                let names = group.ids.prefix(Self.named).joined(separator: ", ") + more
                return TextWrapping.wrapped("\(group.reason): \(names)", width: width, first: "  ", rest: "    ")
            }.joined()
    }

    private func elsewhere(_ width: Int) -> String {
        guard !selfTested.isEmpty else { return "" }
        let text =
            "no foreign address was tried from here; in a network of its own the launch's self-test tried: \(selfTested.joined(separator: "; "))"
        return "\nelsewhere\n" + TextWrapping.wrapped(text, width: width, first: "  ", rest: "    ")
    }

    /// What was tried, how often, and what was not; nothing more can be said.
    private func last(_ width: Int) -> String {
        let missing = untried.reduce(0) { $0 + $1.ids.count }
        let findings = lines.reduce(0) { $0 + $1.findings.count }
        let not =
            missing == 0 ? "none that applies was left out" : "\(missing) \(missing == 1 ? "was" : "were") not tried, for the reasons above"
        let found = findings == 0 ? "" : "; \(findings) came out otherwise than planned"
        return TextWrapping.wrapped(
            "tried \(tried) attempts, each once unconfined and once inside (\(acts) acts in all)\(found); \(not)", width: width, first: "",
            rest: "")
    }
}

extension ProofReport.Line {
    /// Of a broken clause.
    fileprivate var words: String {
        let through = findings.count { if case .gotThrough = $0.outcome { true } else { false } }
        let parts = [
            through == 0 ? nil : "\(through) GOT THROUGH",
            through == findings.count ? nil : "\(findings.count - through) DENIED THOUGH PERMITTED",
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - utf8.count)) }
}
