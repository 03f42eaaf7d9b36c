public import Descriptors

/// The lines of a log in order, as they are: for showing, not for judging (that is `verify`).
public enum LogLines {
    /// Hands each whole line, without its line feed, to `body`, until that says no. A torn last line is left out.
    public static func read(directory path: String, _ body: (_ line: [UInt8]) -> Bool) throws(Errno) {
        try readBytes(directory: path) { body(Array($0)) }
    }

    /// The same without a copy of each line: valid until `body` returns.
    static func readBytes(directory path: String, _ body: (_ line: UnsafeRawBufferPointer) -> Bool) throws(Errno) {
        let segments = try WorkingDirectory().open(path, .directory).open(LogFiles.segments, .directory)
        for first in try Segments(in: segments).firstNumbers {
            let file = try segments.open(LogFiles.segment(from: first))
            guard try read(file, body) else { return }
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
