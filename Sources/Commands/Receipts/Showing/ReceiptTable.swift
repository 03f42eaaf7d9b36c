import Evidence

/// Receipts as a table for people: one row each, and what came of a decision in the row of the decision where it is near.
struct ReceiptTable {
    /// A row that may still be added to.
    private struct Row {
        let record: ReceiptRecord
        let words: ReceiptWords
        var outcome: String?
    }

    private let layout: ReceiptTableLayout
    /// Receipts from this number on are signed by no checkpoint yet.
    var signedSize: UInt64
    /// So many rows wait for what came of them.
    private let window: Int
    private var rows: [Row] = []
    /// How many rows were printed: the index of the first one that waits.
    private var printed = 0
    private var waiting: [ReceiptRecord.Place: Int] = [:]
    private var origins = BoundedMemory<ReceiptRecord.Place, ReceiptWords.Origin>(capacity: 65_536)
    private var day = ""

    init(_ layout: ReceiptTableLayout, signedSize: UInt64, window: Int) {
        self.layout = layout
        self.signedSize = signedSize
        self.window = window
    }

    var header: String { layout.header }

    /// Remembers what later receipts go on from, without a row.
    mutating func note(_ record: ReceiptRecord) {
        guard record.kind == .decision || record.kind == .hold, let place = record.place else { return }
        origins.set(place, ReceiptWords.Origin(number: record.number, subject: ReceiptWords.subject(record)))
    }

    /// The lines that are finished by now.
    mutating func add(_ record: ReceiptRecord) -> String {
        note(record)
        let earlier = record.earlier.first
        if record.kind == .outcome, let earlier, let index = waiting.removeValue(forKey: earlier) {
            rows[index - printed].outcome = ReceiptWords.outcome(record)
            return ""
        }
        rows.append(Row(record: record, words: ReceiptWords(record, of: earlier.flatMap { origins[$0] })))
        if window > 0, record.kind == .decision, let place = record.place { waiting[place] = printed + rows.count - 1 }
        return rows.count > 2 * window ? take(rows.count - window) : ""
    }

    mutating func finish() -> String { take(rows.count) }

    private mutating func take(_ count: Int) -> String {
        var text = ""
        for row in rows.prefix(count) { text += lines(row) }
        rows.removeFirst(count)
        printed += count
        waiting = waiting.filter { $0.value >= printed }
        return text
    }

    private mutating func lines(_ row: Row) -> String {
        let isNewDay = !row.record.time.utf8.prefix(10).elementsEqual(day.utf8)
        if isNewDay { day = String(row.record.time.prefix(10)) }
        let heading = isNewDay ? layout.heading(day: day) : ""
        return heading + layout.row(row.record, row.words, outcome: row.outcome, isPending: row.record.number >= signedSize)
    }
}
