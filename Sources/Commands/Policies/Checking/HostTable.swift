/// Policies × hosts, as wide as there is room.
struct HostTable: Sendable {
    struct Row: Sendable {
        let policy: String
        /// For each host the codes for which the policy is refused: none means exact, nil that it was not judged.
        let cells: [[String]?]
    }

    private let hosts: [String]
    private let rows: [Row]

    init(hosts: [String], rows: [Row]) {
        self.hosts = Self.short(hosts).map { Escaping.line($0) }
        self.rows = rows.map { Row(policy: Escaping.line($0.policy), cells: $0.cells) }
    }

    /// On one line for each policy where that fits, else the codes beneath each other, else host by host. Without a terminal: one line.
    func text(_ style: Style, columns: Int?) -> String {
        let columns = columns ?? .max
        if let wide = grid(style, columns, isStacked: false) { return wide }
        return grid(style, columns, isStacked: true) ?? list(style)
    }

    // MARK: Grid

    private func grid(_ style: Style, _ columns: Int, isStacked: Bool) -> String? {
        let cells = rows.map { row in row.cells.map { Self.lines($0, isStacked: isStacked) } }
        let first = (rows.map(\.policy) + ["policy"]).map(Self.width).max() ?? 0
        let widths = hosts.indices.map { column in
            ([hosts[column]] + cells.flatMap { $0[column] }).map(Self.width).max() ?? 0
        }
        let total = widths.reduce(first) { $0 + $1 + 2 }
        guard total <= columns else { return nil }
        let heading = ([("policy", first)] + zip(hosts, widths)).map { $0.0.padding(to: $0.1 + 2) }.joined()
        let body = zip(rows, cells).map { row, cells in lines(row, cells, first, widths, style) }
        return style(.strong, Self.trimmed(heading)) + "\n" + body.joined()
    }

    private func lines(_ row: Row, _ cells: [[String]], _ first: Int, _ widths: [Int], _ style: Style) -> String {
        let height = cells.map(\.count).max() ?? 1
        return (0..<height).map { index in
            let texts = zip(cells, widths).map { cell, width -> String in
                let text = index < cell.count ? cell[index] : ""
                let gap = String(repeating: " ", count: max(0, width + 2 - Self.width(text)))
                return (index == 0 ? Self.coloured(text, style) : text) + gap
            }
            return Self.trimmed((index == 0 ? row.policy : "").padding(to: first + 2) + texts.joined()) + "\n"
        }.joined()
    }

    private static func lines(_ codes: [String]?, isStacked: Bool) -> [String] {
        guard let codes else { return ["-"] }
        if codes.isEmpty { return ["exact"] }
        return isStacked ? ["refused"] + codes : [(["refused"] + codes).joined(separator: " ")]
    }

    // MARK: List

    private func list(_ style: Style) -> String {
        let width = (hosts.map(Self.width).max() ?? 0) + 2
        return rows.map { row in
            let lines = zip(hosts, row.cells).map { host, codes in
                "  " + host.padding(to: width) + Self.coloured(Self.lines(codes, isStacked: false)[0], style) + "\n"
            }
            return style(.strong, row.policy) + "\n" + lines.joined()
        }.joined()
    }

    // MARK: Text

    private static func coloured(_ text: String, _ style: Style) -> String {
        if text == "exact" { return style(.good, text) }
        guard text.hasPrefix("refused") else { return text }
        return style(.error, "refused") + text.dropFirst("refused".count)
    }

    private static func width(_ text: String) -> Int { text.unicodeScalars.count }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }

    /// Names of files without what all of them share: directory and ending.
    private static func short(_ names: [String]) -> [String] {
        let stems = names.map { name -> String in
            let last = name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? name
            return last.hasSuffix(".json") ? String(last.dropLast(".json".count)) : last
        }
        return Set(stems.map { Array($0.utf8) }).count == stems.count && !stems.contains("") ? stems : names
    }
}
