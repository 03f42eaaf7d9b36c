import ControlProtocol
import KernelPlan
import Policy

/// The refusals ledger, for people.
enum LedgerText {
    /// Where there is a width, what does not fit into it is cut off.
    static func list(_ entries: [RefusalSummary], isFiltered: Bool, omitted: Int64, width: Int? = nil, _ style: Style) -> String {
        let rest = omitted > 0 ? LedgerWords.omitted(omitted) + "\n" : ""
        guard !entries.isEmpty else { return (isFiltered ? "no such refusal" : "no policy is refused") + "\n" + rest }
        // Where several hosts share the ledger.
        let isShared = entries.contains { $0.hostname != nil }
        var table = TextTable(
            columns: [
                ("ID", .left), ("POLICY", .left), ("CALLER", .right), ("CODES", .left), ("STATE", .left), ("COUNT", .right),
                ("LAST SEEN", .left),
            ] + (isShared ? [("HOST", .left)] : []))
        for entry in entries {
            let row = [
                Escaping.line(entry.id), TextTable.clipped(Escaping.line(entry.policy), to: 24), String(entry.caller),
                TextTable.clipped(entry.codes.map { Escaping.line($0) }.joined(separator: " "), to: 24), entry.state.rawValue,
                String(entry.times), LedgerWords.moment(entry.lastSeen),
            ]
            table.add(isShared ? row + [Escaping.line(entry.hostname ?? "")] : row)
        }
        return table.lines(width: width, style).map { $0 + "\n" }.joined() + rest
    }

    /// The whole of an entry: the refusal as it was shown at launch, what the host did, and what happened since.
    static func whole(_ entry: LedgerEntry, _ style: Style) -> String {
        var parts = [head(entry, style)]
        if !entry.reasons.isEmpty { parts.append(RefusalText(source: entry.source, style: style).text(entry.reasons)) }
        if let left = entry.finding?.leftOut, left > 0 { parts.append("… and \(left) more \(left == 1 ? "reason" : "reasons")\n") }
        parts.append(host(entry, style))
        parts.append(history(entry, style))
        parts.append(earlier(entry, style))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func head(_ entry: LedgerEntry, _ style: Style) -> String {
        let summary = entry.summary
        var lines = [
            style(.strong, "\(Escaping.line(summary.id)): \(entry.title)"),
            "\(LedgerWords.state(summary.state)); refused \(LedgerWords.times(summary.times)), first \(LedgerWords.moment(summary.firstSeen)), last \(LedgerWords.moment(summary.lastSeen))",
        ]
        if let finding = entry.finding {
            lines.append("last at \(finding.stage.rawValue), for this \(LedgerWords.times(finding.times))")
            if let receipts = LedgerWords.receipts(finding) { lines.append(receipts) }
            lines.append("policy \(LedgerWords.subject(finding))")
        }
        lines += entry.unkept.map { "the text of \(Escaping.quoted($0.name)), \($0.size) bytes, found no room" }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func host(_ entry: LedgerEntry, _ style: Style) -> String {
        guard let finding = entry.finding else { return "" }
        guard let host = entry.host else { return "host sha256:\(Escaping.line(finding.host)), whose profile is not kept any more\n" }
        let name =
            "Linux \(Escaping.line(host.kernel)), \(Escaping.line(host.architecture)), asked by \(host.custody == .daemon ? "sandboxd" : "a private sandboxd")"
        let facts = entry.hostFacts.map { fact in
            "  \(fact.mechanism): \(Escaping.line(fact.observed))\(fact.meaning.map { " (\($0))" } ?? "")\n"
        }
        return style(.strong, "host") + " \(name), sha256:\(Escaping.line(finding.host))\n" + facts.joined()
    }

    private static func history(_ entry: LedgerEntry, _ style: Style) -> String {
        guard !entry.details.events.isEmpty else { return "" }
        let lines = entry.details.events.map { "  \(LedgerWords.moment($0.time))  \(LedgerWords.event($0))\n" }
        return style(.strong, "history") + "\n" + lines.joined()
    }

    private static func earlier(_ entry: LedgerEntry, _ style: Style) -> String {
        guard !entry.earlier.isEmpty else { return "" }
        let lines = entry.earlier.map { finding in
            var codes: [String] = []
            for reason in finding.reasons where !codes.contains(reason.code.rawValue) { codes.append(reason.code.rawValue) }
            return
                "  \(LedgerWords.moment(finding.lastSeen))  \(codes.joined(separator: " ")), \(LedgerWords.times(finding.times)); policy sha256:\(Escaping.line(String(finding.subject.prefix(12))))…, host sha256:\(Escaping.line(String(finding.host.prefix(12))))…\n"
        }
        return style(.strong, "refused before for") + "\n" + lines.joined()
    }
}
