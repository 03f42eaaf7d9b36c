/// A report as Markdown (CommonMark with GitHub's tables). Foreign text stands in code spans, in which nothing is a mark; what could end one, or a
/// cell, is written as an escape.
enum ReportMarkdown {
    static func text(_ report: ReceiptReport) -> String {
        let facts = report.facts.map { "- \(plain($0.title)): \(cell($0.value))\n" }.joined()
        return "**\(plain(report.verdict))**\n\n# \(plain(ReceiptReport.title))\n\n\(facts)" + report.sections.map(section).joined()
    }

    private static func section(_ section: ReportSection) -> String {
        let head = "\n## \(plain(section.title))\n\n\(plain(section.lead))\n\n"
        guard !section.table.rows.isEmpty else { return head + "None in this log.\n" }
        let note = section.table.note.map { "\n\(plain($0)).\n" } ?? ""
        return head + table(section.table) + note
    }

    private static func table(_ table: ReportTable) -> String {
        let rules = table.columns.indices.map { index in table.rows.allSatisfy { $0[index].number != nil } ? "---:" : "---" }
        let rows = [table.columns.map { plain($0.title) }, rules] + table.rows.map { $0.map(cell) }
        return rows.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    private static func cell(_ cell: ReportCell) -> String {
        switch cell {
        case .foreign: code(cell.words)
        case .text, .count, .level, .none: plain(cell.words)
        }
    }

    /// In a code span backslashes are no escapes and entities no characters: only its end, the end of a cell, and line ends matter.
    static func code(_ text: String) -> String {
        let shown = text.unicodeScalars.map { scalar -> String in
            scalar == "`" || scalar == "|" ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
        // Spaces at both ends would be taken off, and a span of nothing else is none.
        return shown.allSatisfy { $0 == " " } ? "`\u{2423}`" : "`\(shown)`"
    }

    /// Our own words, and the backticks in them.
    private static func plain(_ text: String) -> String {
        text.unicodeScalars.map { "\\*_[]<>|#~".unicodeScalars.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
