import Descriptors

/// The lines of a log, segment by segment.
struct LogReader: ~Copyable {
    private let segments: OwnedDescriptor
    private var current: ReadFile?
    /// Where the segments that were opened or passed over began.
    private var lastFirstNumber: UInt64?
    /// What retention removed before the reader began.
    private let removed: [RemovedSegment]
    /// Lines that are left of a segment that was removed, the next one last.
    private var left: [[UInt8]] = []

    init(directory path: String) throws(Errno) {
        let directory = try WorkingDirectory().open(path, .directory)
        let removed = try RootsFile(readIn: directory).entries
        segments = try directory.open(LogFiles.segments, .directory)
        self.removed = removed
    }

    /// The next whole line; nil where there is none yet.
    mutating func next() throws(ReceiptSourceError) -> [UInt8]? {
        while true {
            if let line = try current?.next() { return line }
            if let line = left.popLast() { return line }
            guard let following = try followingSegment() else { return nil }
            if let gone = removedSegment(before: following) {
                left = gone.keptLines.reversed()
                lastFirstNumber = gone.first
                current = nil
                continue
            }
            // A segment is full before the next begins: what was appended since its end was met is read first.
            if let line = try current?.next() { return line }
            let name = LogFiles.segment(from: following)
            do { current = ReadFile(try segments.open(name), "\(LogFiles.segments)/\(name)", LineReader()) } catch { throw .system(error) }
            lastFirstNumber = following
        }
    }

    /// The next of those that were removed, if it stands before that segment.
    private func removedSegment(before following: UInt64) -> RemovedSegment? {
        let last = lastFirstNumber
        return removed.first { gone in gone.first < following && (last.map { gone.first > $0 } ?? true) }
    }

    private func followingSegment() throws(ReceiptSourceError) -> UInt64? {
        let last = lastFirstNumber
        do { return try Segments(in: segments).firstNumbers.first { number in last.map { number > $0 } ?? true } } catch {
            throw .system(error)
        }
    }
}
