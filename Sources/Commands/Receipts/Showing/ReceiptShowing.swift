import Evidence

/// Prints those receipts that are of interest, as a table or as they are.
struct ReceiptShowing {
    private var filter: ReceiptFilter
    private var table: ReceiptTable
    private let isJSON: Bool
    private let console: Console
    private var isBegun = false
    /// Whether every line was one so far.
    private(set) var areReceipts = true

    init(_ criteria: ReceiptCriteria, isJSON: Bool, signedSize: UInt64, window: Int, _ console: Console) {
        filter = ReceiptFilter(criteria)
        table = ReceiptTable(
            ReceiptTableLayout(columns: console.columns, style: console.outputStyle), signedSize: signedSize, window: window)
        self.isJSON = isJSON
        self.console = console
    }

    /// Learns what later receipts refer to, and prints nothing.
    mutating func pass(_ item: ReceiptLines.Item) {
        guard case .receipt(let record) = item else { return }
        _ = filter.takes(record)
        table.note(record)
    }

    /// False when nobody reads any more.
    mutating func show(_ item: ReceiptLines.Item) -> Bool {
        switch item {
        case .foreign(let line):
            console.say("not a receipt: \(Escaping.quoted(String(decoding: line, as: UTF8.self), limit: 80))")
            areReceipts = false
            return true
        case .receipt(let record):
            guard filter.takes(record) else {
                // What is taken later may go on from it.
                if !isJSON { table.note(record) }
                return true
            }
            return isJSON ? console.write(record.line + [UInt8(ascii: "\n")]) : write(table.add(record))
        }
    }

    mutating func finish() { if !isJSON { _ = write(table.finish()) } }

    private mutating func write(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        defer { isBegun = true }
        return console.write(isBegun ? text : table.header + text)
    }
}
