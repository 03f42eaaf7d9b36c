import Policy

/// The line of a source that a reason points at, and `^~~~` beneath the place.
struct SourceExcerpt: Sendable, Hashable {
    /// Escaped; a tab is shown as one space.
    let line: String
    let caret: String

    /// Scalars of a line that are shown: longer lines are cut around the place.
    private static let width = 120

    /// Nil when the source has no such line.
    init?(of location: SourceLocation, in source: [UInt8]?) {
        guard let source, location.line >= 1, location.column >= 1 else { return nil }
        let lines = source.split(separator: UInt8(ascii: "\n"), maxSplits: location.line, omittingEmptySubsequences: false)
        guard location.line <= lines.count else { return nil }
        var text = String(decoding: lines[location.line - 1], as: UTF8.self).unicodeScalars.map { $0 == "\t" ? " " : $0 }
        if text.last == "\r" { text.removeLast() }
        guard location.column <= text.count + 1 else { return nil }
        let start = max(0, min(location.column - 1 - Self.width / 3, text.count - Self.width))
        let end = min(text.count, start + Self.width)
        let before = Self.shown(text[start..<(location.column - 1)])
        let marked = Self.shown(text[(location.column - 1)..<min(end, location.column - 1 + location.length)])
        line = (start > 0 ? "…" : "") + Self.shown(text[start..<end]) + (end < text.count ? "…" : "")
        let indent = TextWidth.columns(before) + (start > 0 ? 1 : 0)
        caret = String(repeating: " ", count: indent) + "^" + String(repeating: "~", count: max(0, TextWidth.columns(marked) - 1))
    }

    private static func shown(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return Escaping.line(String(text))
    }
}
