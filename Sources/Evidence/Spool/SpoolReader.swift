public import Descriptors

/// Reads frames one after another with pread(2). Knows where it is; the file may grow meanwhile.
public struct SpoolReader: ~Copyable {
    /// What comes next in a spool.
    public enum Item: Hashable, Sendable {
        case frame(SpoolFrame)
        /// Nothing more: the last frame was whole.
        case end
        /// The beginning of a frame, so many bytes: still being written, or torn when its writer is gone.
        case torn(bytes: Int)
        case fault(SpoolFault)
    }

    /// Where the next frame begins.
    public private(set) var offset: Int
    /// The number of the last frame read.
    public private(set) var lastNumber: UInt64
    private var chunk: [UInt8] = []
    /// Where in the file `chunk` begins.
    private var chunkStart: Int

    private static let chunkSize = 512 << 10

    /// Begins at a border between frames: at the beginning, or where an earlier reader stopped.
    public init(offset: Int = 0, lastNumber: UInt64 = 0) {
        self.offset = offset
        self.lastNumber = lastNumber
        chunkStart = offset
    }

    /// Reads the next frame. After `end` or `torn` it may be asked again; after a fault it gives the same one.
    public mutating func next(from file: borrowing some Descriptor & ~Copyable) throws(Errno) -> Item {
        try fill(SpoolHeader.size, from: file)
        guard let header = header() else {
            return available == 0 ? .end : isTornStart ? .torn(bytes: available) : .fault(.corrupt(offset: offset))
        }
        if header.count > Spool.bodyLimit { return .fault(.tooLarge(offset: offset, count: Int(header.count))) }
        let size = SpoolHeader.size + Int(header.count)
        try fill(size, from: file)
        if available < size { return .torn(bytes: available) }
        return judge(header, size)
    }

    private var available: Int { chunkStart + chunk.count - offset }

    /// Fewer bytes than a header: torn if they are the beginning of one.
    private var isTornStart: Bool {
        guard available < SpoolHeader.size else { return false }
        let magic = withUnsafeBytes(of: SpoolHeader.magic.littleEndian) { Array($0) }
        return zip(chunk[(offset - chunkStart)...], magic).allSatisfy { $0 == $1 }
    }

    private func header() -> SpoolHeader? {
        guard available >= SpoolHeader.size else { return nil }
        return chunk.withUnsafeBytes { SpoolHeader(UnsafeRawBufferPointer(rebasing: $0[(offset - chunkStart)...])) }
    }

    private mutating func judge(_ header: SpoolHeader, _ size: Int) -> Item {
        let start = offset - chunkStart
        let isIntact = chunk.withUnsafeBytes { SpoolHeader.isIntact(UnsafeRawBufferPointer(rebasing: $0[start..<start + size])) }
        guard isIntact else { return .fault(.corrupt(offset: offset)) }
        guard header.number == lastNumber + 1 else {
            return .fault(.gap(offset: offset, expected: lastNumber + 1, found: header.number))
        }
        guard let kind = UInt8(exactly: header.kind).flatMap({ ReceiptKind(spoolCode: $0) }) else {
            return .fault(.foreignKind(offset: offset, code: header.kind))
        }
        let body = Array(chunk[start + SpoolHeader.size..<start + size])
        let frame = SpoolFrame(kind: kind, number: header.number, time: header.time, body: body, range: offset..<offset + size)
        offset += size
        lastNumber = header.number
        return .frame(frame)
    }

    /// Has at least `count` bytes from `offset` on in the chunk, if the file has.
    private mutating func fill(_ count: Int, from file: borrowing some Descriptor & ~Copyable) throws(Errno) {
        if available >= count { return }
        chunk = try file.bytes(at: offset, count: min(max(count, Self.chunkSize), max(0, try file.status().size - offset)))
        chunkStart = offset
    }

    /// Gives back what was read and is no longer needed: there are many readers, and most of the time they have nothing to do.
    mutating func rest() {
        chunk = []
        chunkStart = offset
    }
}
