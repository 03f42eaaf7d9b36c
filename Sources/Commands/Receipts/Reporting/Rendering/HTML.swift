/// Text as HTML.
enum HTML {
    /// Characters with a meaning in elements and in quoted attributes are written as references, hidden ones as escapes that can be read.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in Escaping.line(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Text of ours, in which backticks stand around what is typed.
    static func prose(_ text: String) -> String {
        let parts = escape(text).split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return escape(text) }
        return parts.enumerated().map { $0.offset % 2 == 1 ? "<code>\($0.element)</code>" : String($0.element) }.joined()
    }

    /// What others chose: kept apart, so that it cannot turn the direction of what is around it.
    static func foreign(_ text: String) -> String { "<bdi><code>\(escape(text))</code></bdi>" }

    static func cell(_ cell: ReportCell) -> String {
        switch cell {
        case .foreign(let text): foreign(text)
        case .text(let text): prose(text)
        case .level(let level): "<span class=\"level \(level.rawValue)\">\(level.rawValue)</span>"
        case .count, .none: escape(cell.words)
        }
    }
}
