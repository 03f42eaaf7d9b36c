/// The decoded bytes of a string entry, one by one, so that strings are compared in place.
struct StringReader {
    private var at: Int
    private let end: Int
    /// The rest of an escape that decodes to several bytes, the next one lowest.
    private var rest: UInt32 = 0

    init(_ entry: JSONTape.Entry) {
        at = Int(entry.start)
        end = Int(entry.end)
    }

    /// INVARIANT: the escapes were checked by the scanner.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>) -> UInt8? {
        if rest != 0 { return takeRest() }
        guard at < end else { return nil }
        let byte = bytes[at]
        at += 1
        return byte == UInt8(ascii: "\\") ? unescape(bytes) : byte
    }

    private mutating func takeRest() -> UInt8 {
        let byte = UInt8(truncatingIfNeeded: rest)
        rest >>= 8
        return byte
    }

    private mutating func unescape(_ bytes: Span<UInt8>) -> UInt8 {
        let letter = bytes[at]
        at += 1
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "u"): return unescapeUnicode(bytes)
        default: return letter
        }
    }

    private mutating func unescapeUnicode(_ bytes: Span<UInt8>) -> UInt8 {
        let high = UInt32(UnicodeEscape.unit(in: bytes, at: at - 2) ?? 0)
        at += 4
        guard (0xD800...0xDBFF).contains(high) else { return begin(high) }
        let low = UInt32(UnicodeEscape.unit(in: bytes, at: at) ?? 0)
        at += 6
        return begin(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    /// The first byte of a code point; what follows goes into `rest`. No byte but U+0000's own is zero, so zero means none.
    private mutating func begin(_ point: UInt32) -> UInt8 {
        func tail(_ shift: UInt32) -> UInt32 { 0x80 | (point >> shift & 0x3F) }
        switch point {
        case ..<0x80:
            return UInt8(point)
        case ..<0x800:
            rest = tail(0)
            return UInt8(0xC0 | point >> 6)
        case ..<0x10000:
            rest = tail(6) | tail(0) << 8
            return UInt8(0xE0 | point >> 12)
        default:
            rest = tail(12) | tail(6) << 8 | tail(0) << 16
            return UInt8(0xF0 | point >> 18)
        }
    }
}

extension StringReader {
    /// Whether two string entries decode to the same bytes.
    static func areEqual(
        _ leftBytes: Span<UInt8>, _ left: JSONTape.Entry, _ rightBytes: Span<UInt8>, _ right: JSONTape.Entry
    ) -> Bool {
        var leftReader = StringReader(left), rightReader = StringReader(right)
        while true {
            let leftByte = leftReader.next(leftBytes), rightByte = rightReader.next(rightBytes)
            guard leftByte == rightByte else { return false }
            if leftByte == nil { return true }
        }
    }

    /// Whether a string entry decodes to `text`.
    @inline(__always)
    static func isEqual(_ entry: JSONTape.Entry, _ bytes: Span<UInt8>, to text: Span<UInt8>) -> Bool {
        guard entry.isEscaped else { return isSame(bytes.extracting(Int(entry.start)..<Int(entry.end)), text) }
        var reader = StringReader(entry)
        for index in text.indices {
            guard reader.next(bytes) == text[index] else { return false }
        }
        return reader.next(bytes) == nil
    }

    @inline(__always)
    private static func isSame(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// Appends the decoded bytes of a string entry.
    static func append(_ entry: JSONTape.Entry, _ bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard entry.isEscaped else { return output.append(contentsOf: bytes, Int(entry.start), Int(entry.end)) }
        var reader = StringReader(entry)
        while let byte = reader.next(bytes) { output.append(byte) }
    }
}
