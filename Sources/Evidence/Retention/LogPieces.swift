import Descriptors

/// What a log consists of, in order: segments, and what is left of those that retention removed.
struct LogPieces {
    enum Piece {
        /// `left`: its removal was begun, and is finished when the log is opened the next time.
        case segment(first: UInt64, left: RemovedSegment?)
        /// `line`: where it begins in the file `roots`.
        case removed(RemovedSegment, line: Int)

        var first: UInt64 {
            switch self {
            case .segment(let first, _): first
            case .removed(let removed, _): removed.first
            }
        }
    }

    let all: [Piece]

    /// Segments and roots as they lie there; whether they fit together is to be seen.
    init(_ segments: [UInt64], _ roots: RootsFile?) {
        let present = Set(segments)
        let removed = roots.map { zip($0.entries, $0.lines).map { ($0, $1) } } ?? []
        let lefts = Dictionary(removed.map { ($0.0.first, $0.0) }) { first, _ in first }
        all =
            (segments.map { .segment(first: $0, left: lefts[$0]) }
            + removed.filter { !present.contains($0.0.first) }.map { .removed($0.0, line: $0.1) })
            .sorted { $0.first < $1.first }
    }
}
