import Glibc

/// Cuts a stream into lines at LF. A line that is longer than the cap is told once, with its beginning, and the rest of it is
/// skipped to its LF without being kept.
public struct LineFramer: ~Copyable {
    public enum Piece: Sendable, Hashable {
        /// A line without its LF, as a range of the buffer.
        case line(Range<Int>)
        /// The beginning of a line that is too long.
        case tooLong(Range<Int>)
    }

    /// Bytes of a line without its LF.
    public let cap: Int
    private var buffer: [UInt8]
    /// What is before it was given out.
    private var start = 0
    /// Up to here there is no LF.
    private var searched = 0
    private var end = 0
    private var isSkipping = false

    private static let chunk = 64 << 10

    public init(cap: Int = 1 << 20) {
        self.cap = cap
        buffer = Array(repeating: 0, count: Self.chunk)
    }

    /// Bytes of an unfinished line that are kept.
    public var pending: Int { end - start }

    /// Gives room for at least one byte to `read`, which returns how many bytes it put there.
    public mutating func fill<Failure: Error>(
        _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        makeRoom()
        let end = end
        let count = try buffer.withUnsafeMutableBufferPointer { bytes throws(Failure) in
            try read(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[end...])))
        }
        self.end += count
        return count
    }

    /// The next piece; its range is valid until the next `fill`.
    public mutating func next() -> Piece? {
        while true {
            guard let feed = lineFeed() else { return pieceWithoutEnd() }
            let line = start..<feed
            start = feed + 1
            searched = start
            if isSkipping {
                isSkipping = false
                continue
            }
            return line.count > cap ? .tooLong(line.prefix(cap)) : .line(line)
        }
    }

    /// Lends the bytes of a piece.
    public func withBytes<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        body(buffer.span.extracting(range))
    }

    /// What stands behind the last LF, and was not told as too long: an unfinished line.
    public func unfinished() -> [UInt8] { isSkipping ? [] : Array(buffer[start..<end]) }

    private func lineFeedOffset(from: Int, to: Int) -> Int? {
        buffer.span.extracting(from..<to).withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\n")), bytes.count) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    private mutating func lineFeed() -> Int? {
        guard let offset = lineFeedOffset(from: searched, to: end) else {
            searched = end
            return nil
        }
        return searched + offset
    }

    private mutating func pieceWithoutEnd() -> Piece? {
        guard !isSkipping else {
            start = end
            return nil
        }
        guard pending > cap else { return nil }
        isSkipping = true
        let beginning = start..<start + cap
        start = end
        return .tooLong(beginning)
    }

    private mutating func makeRoom() {
        if start == end { (start, searched, end) = (0, 0, 0) }
        if buffer.count - end >= Self.chunk / 4 { return shrink() }
        if start > 0 {
            buffer.replaceSubrange(0..<start, with: EmptyCollection())
            buffer.append(contentsOf: repeatElement(0, count: start))
            (start, searched, end) = (0, searched - start, end - start)
        }
        if buffer.count - end < Self.chunk / 4 { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
    }

    private mutating func shrink() {
        if end == 0, buffer.count > Self.chunk { buffer = Array(repeating: 0, count: Self.chunk) }
    }
}

extension Range<Int> {
    fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<Swift.min(lowerBound + count, upperBound) }
}
