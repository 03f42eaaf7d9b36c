/// `\uXXXX`
enum UnicodeEscape {
    /// The code unit of the escape at `start`, or nil when there is none.
    static func unit(in bytes: Span<UInt8>, at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard let digit = value(ofHex: bytes[start + offset]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Whether the escape is how `unit` is written: a control character without a shorter escape, in lower case.
    static func isMinimal(_ unit: UInt16, in bytes: Span<UInt8>, at start: Int) -> Bool {
        guard unit < 0x20, StringEscaping.letter(for: UInt8(unit)) == nil else { return false }
        return !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(bytes[start + 5])
    }

    private static func value(ofHex byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
