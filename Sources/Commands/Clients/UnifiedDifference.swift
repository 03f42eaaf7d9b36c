/// Two texts as `diff -u` shows them: one hunk from the first line that differs to the last, with three lines around.
struct UnifiedDifference: Sendable {
    private static let context = 3
    /// Scalars of a line that are shown: a file without line ends is one line.
    private static let longest = 240

    private typealias Line = ComparedLine<[UInt8]>

    private let old: [[UInt8]]
    private let new: [[UInt8]]

    init(from old: [UInt8], to new: [UInt8]) {
        self.old = Self.lines(old)
        self.new = Self.lines(new)
    }

    /// Each with its end.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            lines.append(Array(bytes[start..<end]))
            start = end
        }
        return lines
    }

    /// Nothing where they are the same. Foreign text is escaped.
    func text(_ path: String, _ style: Style) -> String {
        let before = zip(old, new).prefix { $0 == $1 }.count
        let room = min(old.count, new.count) - before
        let after = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(room).count
        guard before < max(old.count, new.count) - after || old.count != new.count else { return "" }
        let first = max(0, before - Self.context), tail = max(0, after - Self.context)
        let middle = Line.all(from: Array(old[before..<old.count - after]), to: Array(new[before..<new.count - after]))
        let lines = old[first..<before].map(Line.same) + middle + old[(old.count - after)..<(old.count - tail)].map(Line.same)
        let head = "@@ -\(Self.range(first, old.count - tail)) +\(Self.range(first, new.count - tail)) @@"
        let shown = Self.shown(lines, style)
        return (["--- \(path)", "+++ \(path)"].map { style(.strong, $0) } + [style(.frame, head)] + shown).map { $0 + "\n" }.joined()
    }

    private static func range(_ first: Int, _ end: Int) -> String { "\(end > first ? first + 1 : first),\(end - first)" }

    private static func shown(_ lines: [Line], _ style: Style) -> [String] {
        // Of a long line the part is shown where the two begin to differ.
        let gone = lines.compactMap { if case .gone(let line) = $0 { line } else { nil } }
        let come = lines.compactMap { if case .come(let line) = $0 { line } else { nil } }
        let start = zip(gone, come).map { zip($0, $1).prefix { $0 == $1 }.count }.first ?? 0
        return lines.flatMap { line in
            switch line {
            case .same(let bytes): Self.shown(" ", bytes, from: 0)
            case .gone(let bytes): Self.shown("-", bytes, from: start).map { style(.error, $0) }
            case .come(let bytes): Self.shown("+", bytes, from: start).map { style(.good, $0) }
            }
        }
    }

    private static func shown(_ mark: String, _ bytes: [UInt8], from start: Int) -> [String] {
        let isEnded = bytes.last == 0x0A
        var line = isEnded ? bytes.dropLast() : bytes[...]
        if line.last == 0x0D { line.removeLast() }
        var text = String(decoding: line, as: UTF8.self).unicodeScalars[...]
        var (before, behind) = ("", "")
        if text.count > longest {
            let skipped = max(0, min(start - longest / 4, text.count - longest))
            if skipped > 0 { before = "…" }
            text = text.dropFirst(skipped)
            if text.count > longest { behind = "…" }
            text = text.prefix(longest)
        }
        let escaped = text.split(separator: "\t", omittingEmptySubsequences: false).map { Escaping.line(String($0)) }.joined(
            separator: "\t")
        return [mark + before + escaped + behind] + (isEnded ? [] : ["\\ No newline at end of file"])
    }
}
