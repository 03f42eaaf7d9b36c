import Descriptors

/// Pulls the lines of a log one after another, with one buffer. At the log's end it stays there: asked again, it goes on with what was
/// appended meanwhile.
public struct ReceiptReader: ~Copyable {
    private let segments: OwnedDescriptor
    private var current: Segment?
    /// Where the segments that were opened or passed over began.
    private var lastFirstNumber: UInt64?
    /// What retention removed before the reader began.
    private let removed: [RemovedSegment]
    /// Lines that are left of a segment that was removed, the next one last.
    private var left: [[UInt8]] = []

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
        let directory = try WorkingDirectory().open(path, .directory)
        let removed = try RootsFile(readIn: directory).entries
        segments = try directory.open(LogFiles.segments, .directory)
        self.removed = removed
    }

    /// The next whole line; nil where there is none yet.
    public mutating func next() throws(ReceiptSourceError) -> StoredReceipt? {
        while true {
            if let receipt = try current?.next() { return receipt }
            if let line = left.popLast() { return StoredReceipt(line: line) }
            guard let following = try followingSegment() else { return nil }
            if let gone = removedSegment(before: following) {
                left = gone.keptLines.reversed()
                lastFirstNumber = gone.first
                current = nil
                continue
            }
            // A segment is full before the next begins: what was appended since its end was met is read first.
            if let receipt = try current?.next() { return receipt }
            do { current = try Segment(following, in: segments) } catch { throw .system(error) }
            lastFirstNumber = following
        }
    }

    /// The next of those that were removed, if it stands before that segment.
    private func removedSegment(before following: UInt64) -> RemovedSegment? {
        let last = lastFirstNumber
        return removed.first { gone in gone.first < following && (last.map { gone.first > $0 } ?? true) }
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
