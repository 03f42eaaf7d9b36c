import Descriptors
import Glibc

/// Reads a file line by line. A line is what stands before a line feed; what follows the last one is a torn line.
struct LineReader: ~Copyable {
    /// Bytes are valid until the next call.
    enum Item {
        case line(UnsafeRawBufferPointer)
        case torn
        case tooLong
        case end

        var isTorn: Bool { if case .torn = self { true } else { false } }
    }

    /// Bytes of a receipt's line.
    static let limit = 1 << 20
    /// Bytes that are read at once: few enough to be in the processor's cache still when they are judged and hashed.
    private static let step = 128 << 10

    private let limit: Int
    /// Where the next line begins.
    private(set) var offset = 0
    private let chunk: UnsafeMutableRawBufferPointer
    private var head = 0
    private var filled = 0

    /// For lines of at most so many bytes. Memory that no line needs is not touched.
    init(limit: Int = LineReader.limit) {
        self.limit = limit
        chunk = .allocate(byteCount: limit + Self.step, alignment: 16)
    }

    deinit {
        chunk.deallocate()
    }

    mutating func next(from file: borrowing some Descriptor & ~Copyable) throws(Errno) -> Item {
        var searched = 0
        while true {
            if let end = lineFeed(from: head + searched) { return .line(take(end)) }
            searched = filled - head
            if searched > limit { return .tooLong }
            if try !refill(file) { break }
        }
        return head == filled ? .end : .torn
    }

    private func lineFeed(from start: Int) -> Int? {
        guard let base = chunk.baseAddress, let found = memchr(base + start, 0x0A, filled - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Forgets what was read behind the last line, which may since have been cut off and written anew; the next call reads it again.
    mutating func rest() {
        head = 0
        filled = 0
    }

    private mutating func take(_ end: Int) -> UnsafeRawBufferPointer {
        let line = UnsafeRawBufferPointer(rebasing: chunk[head..<end])
        offset += line.count + 1
        head = end + 1
        return line
    }

    /// Moves what is left to the front and reads behind it; false at the end of the file.
    private mutating func refill(_ file: borrowing some Descriptor & ~Copyable) throws(Errno) -> Bool {
        if head > 0, let base = chunk.baseAddress {
            memmove(base, base + head, filled - head)
            filled -= head
            head = 0
        }
        let room = chunk[filled..<min(chunk.count, filled + Self.step)]
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room), at: offset + filled)
        filled += count
        return count > 0
    }
}
