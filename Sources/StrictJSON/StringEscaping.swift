/// Strings as they are written: quoted, with the fewest escapes. This is also RFC 8785 section 3.2.2.2.
enum StringEscaping {
    /// Appends `bytes`, which are valid UTF-8, as a JSON string.
    static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var plain = 0
        for index in bytes.indices where mustBeEscaped(bytes[index]) {
            output.append(contentsOf: bytes, plain, index)
            append(escapeOf: bytes[index], to: &output)
            plain = index + 1
        }
        output.append(contentsOf: bytes, plain, bytes.count)
        output.append(UInt8(ascii: "\""))
    }

    static func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(Span(_unsafeElements: $0), to: &output) }
    }

    @inline(__always)
    static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Appends one byte of a string, escaped where it must be.
    @inline(__always)
    static func append(_ byte: UInt8, to output: inout [UInt8]) {
        if mustBeEscaped(byte) { append(escapeOf: byte, to: &output) } else { output.append(byte) }
    }

    private static func append(escapeOf byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        if let letter = letter(for: byte) { return output.append(letter) }
        for letter in "u00".utf8 { output.append(letter) }
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 0xF))
    }

    /// The letter of a two-byte escape.
    static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "a")
    }
}
