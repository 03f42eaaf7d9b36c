import Policy

/// A `ToolPattern` with `*`, cut into its literal pieces.
struct Glob: Sendable {
    private let pieces: [[UInt8]]

    /// What stands before the first `*`.
    var beginning: [UInt8] { pieces.first ?? [] }

    /// What stands after the last `*`.
    var end: [UInt8] { pieces.last ?? [] }

    init(_ pattern: ToolPattern) {
        pieces = pattern.text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    /// Whether the whole name matches, byte by byte. Each piece is found as early as possible, so there is no backtracking.
    func matches(_ name: [UInt8]) -> Bool {
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return pieces.first == name }
        guard name.count >= first.count + last.count, name.starts(with: first) else { return false }
        var at = first.count
        let end = name.count - last.count
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = Self.find(piece, in: name, from: at, to: end) else { return false }
            at = found + piece.count
        }
        return at <= end && name[end...].elementsEqual(last)
    }

    private static func find(_ piece: [UInt8], in name: [UInt8], from start: Int, to end: Int) -> Int? {
        var at = start
        while at + piece.count <= end {
            if name[at..<at + piece.count].elementsEqual(piece) { return at }
            at += 1
        }
        return nil
    }
}
