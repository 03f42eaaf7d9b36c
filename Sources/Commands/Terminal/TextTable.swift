/// Rows under a head, in columns as wide as what stands in them; two spaces between. Cells are escaped by whoever makes them.
struct TextTable {
    /// How a cell stands in its column.
    enum Side: Sendable, Hashable { case left, right }

    private let head: [String]
    private let sides: [Side]
    private var rows: [[String]] = []

    init(_ columns: (name: String, side: Side)...) { self.init(columns: columns) }

    init(columns: [(name: String, side: Side)]) {
        head = columns.map(\.name)
        sides = columns.map(\.side)
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == head.count, "a row has a cell for each column")
        rows.append(row)
    }

    /// Without line ends. Where there is a width, what does not fit into it is cut off.
    func lines(indent: String = "", width: Int? = nil, _ style: Style = .plain) -> [String] {
        let widths = head.indices.map { column in ([head] + rows).map { TextWidth.columns($0[column]) }.max() ?? 0 }
        let lines = ([head] + rows).map { row in Self.clipped(indent + line(row, widths), to: width) }
        return [style(.strong, lines[0])] + lines.dropFirst()
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var text = ""
        for (column, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - TextWidth.columns(cell))
            text += (column == 0 ? "" : "  ") + (sides[column] == .left ? cell + padding : padding + cell)
        }
        let end = text.utf8.lastIndex { $0 != UInt8(ascii: " ") }
        return end.map { String(text[...$0]) } ?? ""
    }

    /// At most so many columns of a terminal; `…` stands for what was cut off.
    static func clipped(_ text: String, to width: Int?) -> String {
        guard let width, TextWidth.columns(text) > width else { return text }
        var kept = ""
        var used = 1
        for scalar in text.unicodeScalars {
            let columns = TextWidth.columns(String(scalar))
            guard used + columns <= width else { break }
            used += columns
            kept.unicodeScalars.append(scalar)
        }
        return kept + "…"
    }
}
