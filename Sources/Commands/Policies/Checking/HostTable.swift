/// Policies × hosts, as wide as there is room.
struct HostTable: Sendable {
    struct Row: Sendable {
        let policy: String
        /// For each host the codes for which the policy is refused: none means exact, nil that it was not judged.
        let cells: [[String]?]
    }

    /// From the widest to the narrowest.
    private enum Layout: CaseIterable {
        /// One line for each policy.
        case wide
        /// Codes beneath each other.
        case stacked
        /// The same, with numbers for the hosts.
        case numbered
    }

    private let hosts: [String]
    private let rows: [Row]

    init(hosts: [String], rows: [Row]) {
        self.hosts = Self.short(hosts).map { Escaping.line($0) }
        self.rows = rows.map { Row(policy: Escaping.line($0.policy), cells: $0.cells) }
    }

    /// The widest form that fits, else host by host. Without a terminal there is room for all.
    func text(_ style: Style, columns: Int?) -> String {
        for layout in Layout.allCases {
            if let grid = grid(layout, style, columns ?? .max) { return grid }
        }
        return list(style)
    }

    // MARK: Grid

    private func grid(_ layout: Layout, _ style: Style, _ columns: Int) -> String? {
        let cells = rows.map { row in row.cells.map { Self.lines($0, layout) } }
        let headings = layout == .numbered ? hosts.indices.map { "\($0 + 1)" } : hosts
        let first = (rows.map(\.policy) + ["policy"]).map(Self.width).max() ?? 0
        let widths = hosts.indices.map { column in ([headings[column]] + cells.flatMap { $0[column] }).map(Self.width).max() ?? 0 }
        let total = widths.reduce(first) { $0 + $1 + 2 }
        guard total <= columns else { return nil }
        let heading = ([("policy", first)] + zip(headings, widths)).map { Self.padded($0.0, $0.1 + 2) }.joined()
        let body = zip(rows, cells).map { row, cells in Self.lines(row.policy, cells, first, widths, style) }
        return style(.strong, Self.trimmed(heading)) + "\n" + body.joined() + (layout == .numbered ? legend : "")
    }

    private var legend: String {
        let rows = zip(headingNumbers, hosts).map { "  \($0) \($1)\n" }
        return "\n" + rows.joined()
    }

    private var headingNumbers: [String] {
        let width = "\(hosts.count)".count
        return hosts.indices.map { index in
            let number = "\(index + 1)"
            return String(repeating: " ", count: width - number.count) + number
        }
    }

    private static func lines(_ policy: String, _ cells: [[String]], _ first: Int, _ widths: [Int], _ style: Style) -> String {
        let height = cells.map(\.count).max() ?? 1
        return (0..<height).map { index in
            let texts = zip(cells, widths).map { cell, width -> String in
                let text = index < cell.count ? cell[index] : ""
                return coloured(text, style) + String(repeating: " ", count: max(0, width + 2 - Self.width(text)))
            }
            return trimmed(Self.padded(index == 0 ? policy : "", first + 2) + texts.joined()) + "\n"
        }.joined()
    }

    /// In the narrow layout a code alone says that the policy is refused.
    private static func lines(_ codes: [String]?, _ layout: Layout) -> [String] {
        guard let codes else { return ["-"] }
        if codes.isEmpty { return ["exact"] }
        return switch layout {
        case .wide: [(["refused"] + codes).joined(separator: " ")]
        case .stacked: ["refused"] + codes
        case .numbered: codes
        }
    }

    // MARK: List

    private func list(_ style: Style) -> String {
        let width = (hosts.map(Self.width).max() ?? 0) + 2
        return rows.map { row in
            let lines = zip(hosts, row.cells).map { host, codes in
                "  " + Self.padded(host, width) + Self.coloured(Self.lines(codes, .wide)[0], style) + "\n"
            }
            return style(.strong, row.policy) + "\n" + lines.joined()
        }.joined()
    }

    // MARK: Text

    private static func coloured(_ text: String, _ style: Style) -> String {
        if text == "exact" { return style(.good, text) }
        let word = text.prefix { $0 != " " }
        return word.isEmpty || word == "-" ? text : style(.error, String(word)) + text.dropFirst(word.count)
    }

    private static func width(_ text: String) -> Int { TextWidth.columns(text) }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(text)))
    }

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
