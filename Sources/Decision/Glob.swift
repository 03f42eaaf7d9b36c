import Policy

/// A `ToolPattern` with `*`: every `*` is any run of bytes, everything else itself, and the whole name matches.
struct Glob: Sendable {
    let text: [UInt8]

    private static let star = UInt8(ascii: "*")

    /// What stands before the first `*`.
    var beginning: ArraySlice<UInt8> { text.prefix { $0 != Self.star } }

    /// What stands after the last `*`.
    var end: ArraySlice<UInt8> { text.suffix(from: (text.lastIndex(of: Self.star) ?? -1) + 1) }

    init(_ pattern: ToolPattern) { text = Array(pattern.text.utf8) }

    func matches(_ name: [UInt8]) -> Bool { Self.matches(name, text, in: text.indices) }

    /// Whether the pattern that stands at `range` of `text` matches. Each piece is found as early as possible, so there is no backtracking.
    static func matches(_ name: [UInt8], _ text: [UInt8], in range: Range<Int>) -> Bool {
        var first = range.lowerBound, last = range.upperBound
        var start = 0, end = name.count
        while first < last, text[first] != star {
            guard start < end, name[start] == text[first] else { return false }
            (first, start) = (first + 1, start + 1)
        }
        guard first < last else { return start == end }
        while text[last - 1] != star {
            guard start < end, name[end - 1] == text[last - 1] else { return false }
            (last, end) = (last - 1, end - 1)
        }
        return holdsPieces(name, from: start, to: end, text, in: first..<last)
    }

    /// `range` begins and ends with a `*`.
    private static func holdsPieces(_ name: [UInt8], from start: Int, to end: Int, _ text: [UInt8], in range: Range<Int>) -> Bool {
        var start = start
        var at = range.lowerBound
        while at < range.upperBound {
            var next = at
            while text[next] != star { next += 1 }
            guard let found = find(text, at..<next, in: name, from: start, to: end) else { return false }
            start = found + next - at
            at = next + 1
        }
        return true
    }

    private static func find(_ text: [UInt8], _ piece: Range<Int>, in name: [UInt8], from start: Int, to end: Int) -> Int? {
        var at = start
        while at + piece.count <= end {
            var length = 0
            while length < piece.count, name[at + length] == text[piece.lowerBound + length] { length += 1 }
            if length == piece.count { return at }
            at += 1
        }
        return nil
    }
}
