import Evidence
import StrictJSON

/// A report as JSON: the same content, for machines. Foreign text stands in it as it came.
enum ReportJSON {
    static func text(_ report: ReceiptReport) -> String { String(decoding: json(report).encoded(), as: UTF8.self) + "\n" }

    static func json(_ report: ReceiptReport) -> JSON {
        [
            "verdict": .string(report.verdict), "verified": .bool(report.isVerified),
            "custody": .array(report.custodies.map { .string($0.rawValue) }),
            "facts": .object(JSONObject(report.facts.map { ($0.id, value($0.value)) })), "sections": .array(report.sections.map(section)),
        ]
    }

    private static func section(_ section: ReportSection) -> JSON {
        let rows = section.table.rows.map { row in
            JSON.object(JSONObject(zip(section.table.columns, row).map { ($0.id, value($1)) }))
        }
        return [
            "id": .string(section.id), "title": .string(section.title), "lead": .string(section.lead), "rows": .array(rows),
            "note": section.table.note.map { .string($0) } ?? .null,
        ]
    }

    private static func value(_ cell: ReportCell) -> JSON {
        switch cell {
        case .text(let text), .foreign(let text): .string(text)
        case .count(let count): JSON(Int64(clamping: count))
        case .level(let level): .string(level.rawValue)
        case .none: .null
        }
    }
}
