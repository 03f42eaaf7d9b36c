/// A cell of a report. What others chose the name of is foreign, and is escaped wherever it is shown.
enum ReportCell: Sendable, Hashable {
    case text(String)
    case foreign(String)
    case count(UInt64)
    case level(ClaimLevel)
    /// Nothing is known.
    case none

    /// For people; foreign text is escaped for lines, and not yet for a document's own marks.
    var words: String {
        switch self {
        case .text(let text): text
        case .foreign(let text): Escaping.line(text)
        case .count(let count): String(count)
        case .level(let level): level.rawValue
        case .none: "–"
        }
    }

    var number: UInt64? { if case .count(let count) = self { count } else { nil } }
}

struct ReportColumn: Sendable, Hashable {
    /// Stable in JSON.
    let id: String
    let title: String

    init(_ id: String, _ title: String) {
        self.id = id
        self.title = title
    }
}

struct ReportTable: Sendable, Hashable {
    let columns: [ReportColumn]
    let rows: [[ReportCell]]
    /// What the rows do not tell; nil when they tell all.
    let note: String?

    init(_ columns: [ReportColumn], _ rows: [[ReportCell]], note: String? = nil) {
        self.columns = columns
        self.rows = rows
        self.note = note
    }
}

enum ReportChart: Sendable, Hashable {
    case timeline(DecisionTimeline)
    /// A bar for each row: the columns that name it, and the one that counts.
    case bars(names: [Int], count: Int)
}

/// A part of a report. All forms are made from it, so that they say the same.
struct ReportSection: Sendable, Hashable {
    /// Stable in JSON and in links.
    let id: String
    let title: String
    let lead: String
    let chart: ReportChart?
    let table: ReportTable

    init(_ id: String, _ title: String, _ lead: String, chart: ReportChart? = nil, _ table: ReportTable) {
        self.id = id
        self.title = title
        self.lead = lead
        self.chart = chart
        self.table = table
    }
}
