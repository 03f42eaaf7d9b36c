/// A report as one page: no script, nothing from elsewhere, light and dark as the reader's system is, and fit to be printed.
enum ReportHTML {
    static func text(_ report: ReceiptReport) -> String {
        HTMLPage(
            title: "\(report.isVerified ? "" : "NOT VERIFIED – ")\(ReceiptReport.title)", style: ReportStyle.sheet, body: body(report)
        ).text
    }

    private static func body(_ report: ReceiptReport) -> String {
        """
        <header>
        <p class="verdict \(report.isVerified ? "good" : "bad")" role="status">\(HTML.prose(report.verdict))</p>
        <h1>\(HTML.escape(ReceiptReport.title))</h1>
        \(facts(report))\
        \(contents(report))\
        </header>
        <main>
        \(report.sections.map(section).joined())\
        </main>
        """
    }

    private static func facts(_ report: ReceiptReport) -> String {
        "<dl>\n" + report.facts.map { "<dt>\(HTML.escape($0.title))</dt><dd>\(HTML.cell($0.value))</dd>\n" }.joined() + "</dl>\n"
    }

    private static func contents(_ report: ReceiptReport) -> String {
        let entries = report.sections.map { "<li><a href=\"#\($0.id)\">\(HTML.escape($0.title))</a></li>\n" }.joined()
        return "<nav aria-label=\"Contents\">\n<ul>\n\(entries)</ul>\n</nav>\n"
    }

    private static func section(_ section: ReportSection) -> String {
        let head =
            "<section aria-labelledby=\"\(section.id)\">\n<h2 id=\"\(section.id)\">\(HTML.escape(section.title))</h2>\n"
            + "<p>\(HTML.prose(section.lead))</p>\n"
        guard !section.table.rows.isEmpty else { return head + "<p class=\"none\">None in this log.</p>\n</section>\n" }
        let note = section.table.note.map { "<p class=\"note\">\(HTML.prose($0)).</p>\n" } ?? ""
        return head + (section.chart.map { ReportSVG.chart($0, section) } ?? "") + table(section) + note + "</section>\n"
    }

    private static func table(_ section: ReportSection) -> String {
        let table = section.table
        let isNumber = table.columns.indices.map { index in table.rows.allSatisfy { $0[index].number != nil } }
        let head = zip(table.columns, isNumber).map { "<th scope=\"col\"\($1 ? " class=\"number\"" : "")>\(HTML.escape($0.title))</th>" }
        let rows = table.rows.map { row in
            "<tr>" + zip(row, isNumber).map { "<td\($1 ? " class=\"number\"" : "")>\(HTML.cell($0))</td>" }.joined() + "</tr>\n"
        }
        return
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-labelledby=\"\(section.id)\">\n<table>\n<thead><tr>\(head.joined())</tr></thead>\n"
            + "<tbody>\n\(rows.joined())</tbody>\n</table>\n</div>\n"
    }
}
