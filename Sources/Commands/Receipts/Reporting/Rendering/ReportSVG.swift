/// Charts as inline SVG. Widths are parts of a hundred, so that text keeps its size on a narrow screen; each has a title, a description, and its
/// table below.
enum ReportSVG {
    static func chart(_ chart: ReportChart, _ section: ReportSection) -> String {
        switch chart {
        case .timeline(let timeline): columns(timeline, section)
        case .bars(let names, let count): bars(names, count, section)
        }
    }

    /// Of a hundred, with two digits, by whole numbers alone.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else { return "0%" }
        let (high, low) = part.multipliedFullWidth(by: 10_000)
        guard high < whole else { return "100%" }
        let hundredths = whole.dividingFullWidth((high, low)).quotient
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
    }

    private static func frame(_ section: ReportSection, height: Int, _ summary: String, _ body: String) -> String {
        """
        <svg class="chart" width="100%" height="\(height)" role="img" aria-labelledby="\(section.id)-title \(section.id)-text">
        <title id="\(section.id)-title">\(HTML.escape(section.title))</title>
        <desc id="\(section.id)-text">\(HTML.escape(summary)) The table below has all values.</desc>
        \(body)</svg>

        """
    }

    // MARK: Bars

    private static let mostBars = 10
    private static let barStep = 38

    private static func bars(_ names: [Int], _ count: Int, _ section: ReportSection) -> String {
        let rows = section.table.rows.prefix(mostBars)
        let largest = rows.compactMap { $0[count].number }.max() ?? 0
        let body = rows.enumerated().map { index, row in
            let label = names.map { row[$0].words }.joined(separator: " · ")
            let value = row[count].number ?? 0
            let top = index * barStep
            return """
                <text x="0" y="\(top + 13)">\(HTML.escape(cut(label)))</text>
                <text x="100%" y="\(top + 13)" class="value">\(value)</text>
                <rect class="track" x="0" y="\(top + 19)" width="100%" height="10" rx="2"/>
                <rect class="bar" x="0" y="\(top + 19)" width="\(percent(value, of: largest))" height="10" rx="2"/>

                """
        }.joined()
        return frame(section, height: rows.count * barStep, "The most frequent of \(section.table.rows.count), as bars.", body)
    }

    /// The whole name stands in the table.
    private static func cut(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count > 44 ? String(String.UnicodeScalarView(scalars.prefix(43))) + "…" : text
    }

    // MARK: Columns

    private static let plotTop = 34
    private static let plotHeight = 150

    private static func columns(_ timeline: DecisionTimeline, _ section: ReportSection) -> String {
        let steps = timeline.all
        let highest = steps.map(\.counts.total).max() ?? 0
        guard let first = steps.first, let last = steps.last, highest > 0 else { return "" }
        let body = steps.enumerated().map { column($0.element.counts, at: UInt64($0.offset), of: UInt64(steps.count), highest) }.joined()
        let bottom = plotTop + plotHeight
        let (begin, end) = (label(first, timeline), label(last, timeline))
        return frame(
            section, height: bottom + 22,
            "Stacked columns, one for each \(Duration.words(seconds: timeline.length)); the highest has \(highest) decisions.",
            """
            \(legend)<text x="100%" y="12" class="value">highest: \(highest)</text>
            <line class="axis" x1="0" y1="\(bottom)" x2="100%" y2="\(bottom)"/>
            \(body)<text x="0" y="\(bottom + 16)">\(begin)</text>
            \(begin == end ? "" : "<text x=\"100%\" y=\"\(bottom + 16)\" class=\"end\">\(end)</text>\n")
            """)
    }

    private static func label(_ step: DecisionTimeline.Step, _ timeline: DecisionTimeline) -> String {
        DecisionTimeline.label(step.begin, length: timeline.length)
    }

    private static var legend: String {
        let entries = [("forward", "forwarded", 0), ("hold", "held", 100), ("block", "blocked", 165)]
        return entries.map { kind, word, x in
            "<rect class=\"\(kind)\" x=\"\(x)\" y=\"3\" width=\"11\" height=\"11\"/><text x=\"\(x + 16)\" y=\"12\">\(word)</text>\n"
        }.joined()
    }

    /// From the axis up: blocked, held, forwarded, so that the rarest has the same ground everywhere.
    private static func column(_ counts: DecisionTimeline.Counts, at index: UInt64, of count: UInt64, _ highest: UInt64) -> String {
        var bottom = plotTop + plotHeight
        return [("block", counts.block), ("hold", counts.hold), ("forward", counts.forward)].map { kind, value in
            guard value > 0 else { return "" }
            // What there is at all is seen.
            let height = max(2, Int(clamping: scaled(value, highest)))
            bottom -= height
            let (x, width) = (percent(index * 100 + 8, of: count * 100), percent(84, of: count * 100))
            return "<rect class=\"\(kind)\" x=\"\(x)\" y=\"\(bottom)\" width=\"\(width)\" height=\"\(height)\"/>\n"
        }.joined()
    }

    private static func scaled(_ value: UInt64, _ highest: UInt64) -> UInt64 {
        highest.dividingFullWidth(value.multipliedFullWidth(by: UInt64(plotHeight - 4))).quotient
    }
}
