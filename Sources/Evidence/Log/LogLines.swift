public import Descriptors

/// The lines of a log in order, as they are: for showing, not for judging (that is `verify`).
public enum LogLines {
    /// Hands each whole line, without its line feed, to `body`, until that says no. A torn last line is left out.
    public static func read(directory path: String, _ body: (_ line: [UInt8]) -> Bool) throws(Errno) {
        try readBytes(directory: path) { body(Array($0)) }
    }

    /// The same without a copy of each line: valid until `body` returns.
    static func readBytes(directory path: String, _ body: (_ line: UnsafeRawBufferPointer) -> Bool) throws(Errno) {
        try readItems(directory: path) { item in
            switch item {
            case .line(let bytes): body(bytes)
            case .gone: true
            }
        }
    }

    /// What stands at the next place of a log, or at the next places.
    enum Item {
        case line(UnsafeRawBufferPointer)
        /// Retention removed so many receipts; the root of their subtree is left.
        case gone(leaves: UInt64, root: Digest)
    }

    static func readItems(directory path: String, _ body: (Item) -> Bool) throws(Errno) {
        let directory = try WorkingDirectory().open(path, .directory)
        let segments = try directory.open(LogFiles.segments, .directory)
        for piece in LogPieces(try Segments(in: segments).firstNumbers, try RootsFile(readIn: directory)).all {
            switch piece {
            case .segment(let first, _):
                let file = try segments.open(LogFiles.segment(from: first))
                guard try read(file, { body(.line($0)) }) else { return }
            case .removed(let removed, _):
                guard removed.parts.allSatisfy({ read($0, body) }) else { return }
            }
        }
    }

    private static func read(_ part: RemovedSegment.Part, _ body: (Item) -> Bool) -> Bool {
        switch part {
        case .kept(let line): line.withUnsafeBytes { body(.line($0)) }
        case .gone(let leaves, let root): body(.gone(leaves: leaves, root: root))
        }
    }

    private static func read(_ file: borrowing OwnedDescriptor, _ body: (UnsafeRawBufferPointer) -> Bool) throws(Errno) -> Bool {
        var lines = LineReader()
        while true {
            switch try lines.next(from: file) {
            case .end, .torn, .tooLong: return true
            case .line(let bytes): if !body(bytes) { return false }
            }
        }
    }
}
