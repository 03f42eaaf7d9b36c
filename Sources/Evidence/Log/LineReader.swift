import Descriptors

/// Reads a file line by line. A line is what stands before a line feed; what follows the last one is a torn line.
struct LineReader: ~Copyable {
    enum Item {
        case line([UInt8])
        case torn([UInt8])
        case tooLong
        case end
    }

    static let limit = 1 << 20
    private static let chunkSize = 1 << 20

    /// Where the next line begins.
    private(set) var offset = 0
    private var chunk: [UInt8] = []
    private var head = 0
    private var fileOffset = 0

    mutating func next(from file: borrowing some Descriptor & ~Copyable) throws(Errno) -> Item {
        while true {
            if let end = chunk[head...].firstIndex(of: 0x0A) { return .line(take(upTo: end, skipping: 1)) }
            if chunk.count - head > Self.limit { return .tooLong }
            if try !refill(file) { break }
        }
        return head == chunk.count ? .end : .torn(take(upTo: chunk.count, skipping: 0))
    }

    private mutating func take(upTo end: Int, skipping: Int) -> [UInt8] {
        let line = Array(chunk[head..<end])
        offset += line.count + skipping
        head = end + skipping
        return line
    }

    private mutating func refill(_ file: borrowing some Descriptor & ~Copyable) throws(Errno) -> Bool {
        let more = try file.bytes(at: fileOffset, count: Self.chunkSize)
        fileOffset += more.count
        chunk.removeSubrange(0..<head)
        head = 0
        chunk += more
        return !more.isEmpty
    }
}
