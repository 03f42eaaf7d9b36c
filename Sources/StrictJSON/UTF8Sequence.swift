/// The well-formed byte sequences of Unicode's table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF.
enum UTF8Sequence {
    /// The end of the multi-byte sequence that begins at `start`, or nil when there is none that is well-formed.
    @inline(__always)
    static func end(in bytes: Span<UInt8>, from start: Int) -> Int? {
        switch bytes[start] {
        case 0xC2...0xDF: continues(bytes, start, 2, 0x80...0xBF)
        case 0xE0: continues(bytes, start, 3, 0xA0...0xBF)
        case 0xED: continues(bytes, start, 3, 0x80...0x9F)
        case 0xE1...0xEF: continues(bytes, start, 3, 0x80...0xBF)
        case 0xF0: continues(bytes, start, 4, 0x90...0xBF)
        case 0xF1...0xF3: continues(bytes, start, 4, 0x80...0xBF)
        case 0xF4: continues(bytes, start, 4, 0x80...0x8F)
        default: nil
        }
    }

    @inline(__always)
    private static func continues(_ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ second: ClosedRange<UInt8>) -> Int? {
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
        var at = start + 2
        while at < start + length {
            guard bytes[at] & 0xC0 == 0x80 else { return nil }
            at += 1
        }
        return at
    }
}
