import StrictJSON

/// A page for a terminal.
extension CodePage {
    /// Lines are at most `width` columns, but for texts that are shown as they were written.
    func text(_ style: Style, width: Int = 80) -> String {
        let body = min(max(width, 40), 100)
        var sections = [style(.error, code) + "  " + style(.strong, title) + "\n", Self.section("What it means", [meaning], style, body)]
        if let example { sections.append(style(.strong, "Example") + "\n" + example.text(code)) }
        sections.append(Self.section("Why it cannot be otherwise", [why], style, body))
        sections.append(Self.list("Ways out", waysOut, style, body))
        if let needs { sections.append(Self.section("What would make it expressible", [needs], style, body)) }
        if !related.isEmpty { sections.append(Self.related(related, style)) }
        return sections.joined(separator: "\n")
    }

    var json: JSON {
        [
            "code": .string(code), "title": .string(title), "meaning": .string(meaning), "example": example?.json(code) ?? .null,
            "why": .string(why), "waysOut": .array(waysOut.map { .string($0) }), "needs": needs.map { .string($0) } ?? .null,
            "related": .array(related.map { .string($0) }),
        ]
    }

    private static func section(_ heading: String, _ paragraphs: [String], _ style: Style, _ width: Int) -> String {
        style(.strong, heading) + "\n" + paragraphs.map { TextWrapping.wrapped($0, width: width, first: "  ", rest: "  ") }.joined()
    }

    private static func list(_ heading: String, _ items: [String], _ style: Style, _ width: Int) -> String {
        style(.strong, heading) + "\n" + items.map { TextWrapping.wrapped($0, width: width, first: "  * ", rest: "    ") }.joined()
    }

    private static func related(_ codes: [String], _ style: Style) -> String {
        let rows = codes.map { "  \($0)  \(CodePages.page($0)?.title ?? "")\n" }
        return style(.strong, "Related") + "\n" + rows.joined()
    }
}

extension PageExample {
    /// What is written, and what is answered; each line set in and escaped.
    fileprivate func text(_ code: String) -> String {
        switch cause {
        case .policy(let text, let includes, _):
            let others = includes.sorted { $0.key < $1.key }.map { "  \($0.key).yaml\n\n" + Self.setIn($0.value) + "\n" }.joined()
            let name = others.isEmpty ? "" : "  \(Self.document)\n\n"
            return others + name + Self.setIn(text) + "\n  is refused:\n\n" + Self.setIn(refusal(code))
        case .command(let line, _): return Self.setIn("$ " + line + "\n") + Self.setIn(refusal(code))
        case .message(let line, let answer):
            return Self.setIn(line) + "\n  is answered:\n\n" + TextWrapping.wrapped(answer, width: 80, first: "    ", rest: "    ")
        }
    }

    fileprivate func json(_ code: String) -> JSON {
        switch cause {
        case .policy(let text, let includes, _):
            let others = includes.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            return ["policy": .string(text), "includes": .object(JSONObject(others)), "refusal": .string(refusal(code))]
        case .command(let line, _): return ["command": .string(line), "refusal": .string(refusal(code))]
        case .message(let line, let answer): return ["message": .string(line), "answer": .string(answer)]
        }
    }

    private static func setIn(_ text: String) -> String {
        text.split(separator: "\n").map { "    " + Escaping.line(String($0)) + "\n" }.joined()
    }
}
