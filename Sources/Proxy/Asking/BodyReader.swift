/// Follows a body to its end, so that what comes behind it is no part of the request. What is of the body may be passed on as it came.
public struct BodyReader: Sendable, Hashable {
    private enum Place: Hashable {
        /// In a body of known length, or in the data of a chunk: bytes that are left.
        case bytes(Int)
        case size(digits: Int, value: Int)
        /// A line feed is due; what comes after it.
        case lineFeed(after: Ended)
        /// CR LF is due behind the data of a chunk.
        case carriageReturn(after: Ended)
        case end
    }

    private enum Ended: Hashable {
        case size(Int)
        case data, last
    }

    private var place: Place
    private let isChunked: Bool

    public var isAtEnd: Bool { place == .end }

    public init(_ framing: BodyFraming) {
        switch framing {
        case .length(let count): (place, isChunked) = (count == 0 ? .end : .bytes(count), false)
        case .chunked: (place, isChunked) = (.size(digits: 0, value: 0), true)
        }
    }

    /// How many of these bytes are of the body. Errors: `malformed`, where the chunks are not.
    public mutating func read(_ bytes: ArraySlice<UInt8>) throws(ProxyRefusal) -> Int {
        var at = bytes.startIndex
        while at < bytes.endIndex, !isAtEnd {
            if case .bytes(let left) = place {
                let taken = min(left, bytes.endIndex - at)
                at += taken
                place = taken < left ? .bytes(left - taken) : isChunked ? .carriageReturn(after: .data) : .end
            } else {
                try step(bytes[at])
                at += 1
            }
        }
        return at - bytes.startIndex
    }

    /// Neither extensions nor trailers: nobody needs them, and readers differ over them.
    private mutating func step(_ byte: UInt8) throws(ProxyRefusal) {
        switch place {
        case .size(let digits, let value):
            if byte == 13, digits > 0 {
                place = .lineFeed(after: .size(value))
            } else {
                guard let digit = Self.hexadecimal(byte), digits < 8 else { throw .malformed }
                place = .size(digits: digits + 1, value: value << 4 | digit)
            }
        case .lineFeed(let ended):
            guard byte == 10 else { throw .malformed }
            switch ended {
            case .size(0): place = .carriageReturn(after: .last)
            case .size(let count): place = .bytes(count)
            case .data: place = .size(digits: 0, value: 0)
            case .last: place = .end
            }
        case .carriageReturn(let ended):
            guard byte == 13 else { throw .malformed }
            place = .lineFeed(after: ended)
        case .bytes, .end: break
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x41 + 10)
        case 0x61...0x66: Int(byte - 0x61 + 10)
        default: nil
        }
    }
}
