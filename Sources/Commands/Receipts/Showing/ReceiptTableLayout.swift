import Evidence

/// Where the columns stand. On a terminal days are headings, and what is too long goes on below itself; elsewhere a receipt is one line with its
/// whole time.
struct ReceiptTableLayout {
    private let columns: Int?
    private let style: Style

    /// `columns`: of the terminal, nil where there is none.
    init(columns: Int?, style: Style) {
        self.columns = columns
        self.style = style
    }

    private var isNarrow: Bool { (columns ?? .max) < 110 }
    private var gap: String { isNarrow ? " " : "  " }

    private var widths: [Int] {
        [6, columns == nil ? 27 : isNarrow ? 8 : 12, isNarrow ? 8 : 16, 13]
    }

    private var indent: Int { widths.reduce(0) { $0 + $1 + gap.count } }

    var header: String { style(.strong, cells(["NUMBER", "TIME", "SESSION", "KIND"]) + "WHAT") + "\n" }

    func heading(day: String) -> String { columns == nil ? "" : style(.frame, day) + "\n" }

    func row(_ record: ReceiptRecord, _ words: ReceiptWords, outcome: String?, isPending: Bool) -> String {
        let head = cells([String(record.number), time(record.time), session(record.session), record.kind.rawValue])
        let tail = (outcome.map { " → \($0)" } ?? "") + (isPending ? " (pending)" : "")
        guard let columns else { return head + words.styled(style) + tail + "\n" }
        return wrapped(head, words, tail, width: max(16, columns - indent))
    }

    private func cells(_ texts: [String]) -> String {
        zip(texts, widths).map { text, width in
            text + String(repeating: " ", count: max(0, width - TextWidth.columns(text))) + gap
        }.joined()
    }

    private func time(_ time: String) -> String {
        guard columns != nil else { return time }
        return String(time.dropFirst(11).prefix(isNarrow ? 8 : 12))
    }

    private func session(_ session: String?) -> String {
        guard let session else { return "-" }
        let shown = Escaping.line(session)
        return columns == nil ? shown : String(shown.prefix(isNarrow ? 8 : 16))
    }

    /// Broken at spaces; a word that is longer than a line is cut where the line ends.
    private func wrapped(_ head: String, _ words: ReceiptWords, _ tail: String, width: Int) -> String {
        let lines = Self.lines(words.text + tail, width: width)
        let margin = String(repeating: " ", count: indent)
        return lines.enumerated().map { index, line in
            index == 0 ? head + emphasized(line, words) + "\n" : margin + line + "\n"
        }.joined()
    }

    private func emphasized(_ line: String, _ words: ReceiptWords) -> String {
        guard let role = words.role else { return line }
        let scalars = Array(line.unicodeScalars)
        let count = min(words.accent, scalars.count)
        return style(role, Self.string(scalars[..<count])) + Self.string(scalars[count...])
    }

    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            let joined = line.isEmpty ? word : line + " " + word
            if TextWidth.columns(joined) <= width {
                line = joined
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = word
            while TextWidth.columns(line) > width {
                let (first, rest) = cut(line, width)
                lines.append(first)
                line = rest
            }
        }
        return lines + [line]
    }

    private static func cut(_ text: String, _ width: Int) -> (String, String) {
        let scalars = Array(text.unicodeScalars)
        var end = 0
        while end < scalars.count, TextWidth.columns(string(scalars[...end])) <= width { end += 1 }
        return (string(scalars[..<max(1, end)]), string(scalars[max(1, end)...]))
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }
}
