import Descriptors

/// Pulls the lines of a log one after another, with one buffer. At the log's end it stays there: asked again, it goes on with what was
/// appended meanwhile.
public struct ReceiptReader: ~Copyable {
    private let segments: OwnedDescriptor
    private var current: Segment?
    /// Of the segments that were opened.
    private var lastFirstNumber: UInt64?

    /// The segment that is being read.
    private struct Segment: ~Copyable {
        let firstNumber: UInt64
        let file: OwnedDescriptor
        var lines = LineReader()
        var count = 0

        init(_ firstNumber: UInt64, in segments: borrowing OwnedDescriptor) throws(Errno) {
            self.firstNumber = firstNumber
            file = try segments.open(LogFiles.segment(from: firstNumber))
        }

        /// nil at the present end; a line without an end may still get one.
        mutating func next() throws(ReceiptSourceError) -> StoredReceipt? {
            let item: LineReader.Item
            do { item = try lines.next(from: file) } catch { throw .system(error) }
            switch item {
            case .end, .torn:
                // A line without an end may be cut off, and another be written in its place.
                lines.rest()
                try requireUncut()
                return nil
            case .tooLong: throw .lineTooLong(file: "\(LogFiles.segments)/\(LogFiles.segment(from: firstNumber))", line: count + 1)
            case .line(let bytes):
                count += 1
                return StoredReceipt(line: Array(bytes))
            }
        }

        /// ESTALE: what was read is not there any more.
        private func requireUncut() throws(ReceiptSourceError) {
            let size: Int
            do { size = try file.status().size } catch { throw .system(error) }
            if size < lines.offset { throw .system(.stale) }
        }
    }

    init(directory path: String) throws(Errno) {
        segments = try WorkingDirectory().open(path, .directory).open(LogFiles.segments, .directory)
    }

    /// The next whole line; nil where there is none yet.
    public mutating func next() throws(ReceiptSourceError) -> StoredReceipt? {
        while true {
            if let receipt = try current?.next() { return receipt }
            guard let following = try followingSegment() else { return nil }
            // A segment is full before the next begins: what was appended since its end was met is read first.
            if let receipt = try current?.next() { return receipt }
            do { current = try Segment(following, in: segments) } catch { throw .system(error) }
            lastFirstNumber = following
        }
    }

    private func followingSegment() throws(ReceiptSourceError) -> UInt64? {
        do {
            let last = lastFirstNumber
            return try Segments(in: segments).firstNumbers.first { number in last.map { number > $0 } ?? true }
        } catch {
            throw .system(error)
        }
    }
}
