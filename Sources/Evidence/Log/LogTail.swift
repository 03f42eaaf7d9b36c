public import Descriptors

/// Reads a log that goes on being written, through its segments: each call hands over the whole lines that came since the one before. For
/// showing, not for judging (that is `verify`).
public struct LogTail: ~Copyable {
    public enum Problem: Error, Hashable, Sendable {
        case system(Errno)
        /// The segment that was being read has become shorter than what was read of it.
        case cut(segment: String)
        /// Beyond what a line may have.
        case lineTooLong(segment: String)
    }

    fileprivate struct Segment: ~Copyable {
        let first: UInt64
        let file: OwnedDescriptor
        var lines = LineReader()

        var name: String { LogFiles.segment(from: first) }
    }

    private let segments: OwnedDescriptor
    private var segment: Segment?
    /// The first number of the segment that is being read.
    private var present: UInt64?

    /// Begins before the first line.
    public init(directory path: String) throws(Errno) {
        segments = try WorkingDirectory().open(path, .directory).open(LogFiles.segments, .directory)
    }

    /// Hands each whole line, without its line feed, to `body` until that says no; false when it did. What follows the last line feed is left
    /// for the next call.
    public mutating func read(_ body: (_ line: [UInt8]) -> Bool) throws(Problem) -> Bool {
        while true {
            // Looked up before the present one is read to its end: nothing is written to a segment once there is a later one.
            let next = try later()
            guard try drain(body) else { return false }
            guard let next else { return true }
            do throws(Errno) {
                segment = Segment(first: next, file: try segments.open(LogFiles.segment(from: next)))
                present = next
            } catch {
                // Retention may have removed it meanwhile; a later one is found the next time.
                if error == .noEntry { continue }
                throw .system(error)
            }
        }
    }

    private func later() throws(Problem) -> UInt64? {
        let numbers: [UInt64]
        do { numbers = try Segments(in: segments).firstNumbers } catch { throw .system(error) }
        guard let present else { return numbers.first }
        return numbers.first { $0 > present }
    }

    private mutating func drain(_ body: ([UInt8]) -> Bool) throws(Problem) -> Bool {
        guard var present = segment.take() else { return true }
        let outcome = Result { () throws(Problem) in try present.drain(body) }
        segment = consume present
        return try outcome.get()
    }
}

extension LogTail.Segment {
    /// To its present end; false when `body` said no.
    fileprivate mutating func drain(_ body: ([UInt8]) -> Bool) throws(LogTail.Problem) -> Bool {
        defer { lines.rest() }
        try requireUncut()
        while true {
            switch try next() {
            case .end, .torn: return true
            case .tooLong: throw .lineTooLong(segment: name)
            case .line(let bytes): if !body(Array(bytes)) { return false }
            }
        }
    }

    private func requireUncut() throws(LogTail.Problem) {
        let size: Int
        do { size = try file.status().size } catch { throw .system(error) }
        if size < lines.offset { throw .cut(segment: name) }
    }

    private mutating func next() throws(LogTail.Problem) -> LineReader.Item {
        do { return try lines.next(from: file) } catch { throw .system(error) }
    }
}
