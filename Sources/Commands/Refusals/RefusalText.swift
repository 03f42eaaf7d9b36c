import Policy

/// A refusal as a good compiler prints an error: place, code, sentence, the line with a caret, why, and what to do.
struct RefusalText {
    /// The bytes of a document by the name that positions carry; nil when it is not at hand.
    let source: (String) -> [UInt8]?
    let style: Style

    /// All reasons, an empty line between them.
    func text(_ reasons: [Reason]) -> String {
        reasons.map { text($0) }.joined(separator: "\n")
    }

    func text(_ reason: Reason) -> String { text(reason, on: nil) }

    /// The last line of a refusal that the ledger has; nothing where it has not.
    func recorded(as entry: String?) -> String {
        entry.map { "\n  " + style(.frame, "=") + " " + style(.strong, "recorded:") + " `sandboxctl refusals show \(Escaping.line($0))`\n" }
            ?? ""
    }

    /// With the hosts on which it holds, where these are not all.
    func text(_ reason: Reason, on hosts: String?) -> String {
        let words = ReasonWords(reason)
        var lines = [headline(reason, words)]
        let margin = appendExcerpt(of: reason.location, to: &lines)
        if let why = words.why { lines.append(note(margin, .strong, "why", why)) }
        if let help = words.help { lines.append(note(margin, .help, "help", help)) }
        if let hosts { lines.append(note(margin, .strong, "hosts", hosts)) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func headline(_ reason: Reason, _ words: ReasonWords) -> String {
        let place = reason.location.map { style(.strong, "\(Escaping.line($0.file)):\($0.line):\($0.column):") + " " } ?? ""
        return place + style(.error, "refused[\(reason.code.rawValue)]:") + " " + style(.strong, words.message)
    }

    private func note(_ margin: Int, _ role: Style.Role, _ label: String, _ text: String) -> String {
        String(repeating: " ", count: margin) + style(.frame, "=") + " " + style(role, label + ":") + " " + text
    }

    /// Appends the source line and its caret; returns how far notes are set in.
    private func appendExcerpt(of location: SourceLocation?, to lines: inout [String]) -> Int {
        guard let location, let excerpt = SourceExcerpt(of: location, in: source(location.file)) else { return 2 }
        let number = String(location.line)
        let blank = String(repeating: " ", count: number.count)
        lines.append(style(.frame, " \(blank) |"))
        lines.append(style(.frame, " \(number) |") + " " + excerpt.line)
        lines.append(style(.frame, " \(blank) |") + " " + style(.error, excerpt.caret))
        return number.count + 2
    }
}
