/// Text of strangers on a terminal: control, bidirectional, invisible and invalid characters are written as escapes.
enum PrintableText {
    static func append(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var plain = bytes.startIndex
        for index in bytes.indices where !isPlainASCII(bytes[index]) {
            output.append(contentsOf: bytes[plain..<index])
            return appendSlowly(bytes[index...], to: &output)
        }
        output.append(contentsOf: bytes[plain...])
        plain = bytes.endIndex
    }

    private static func isPlainASCII(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\") }

    private static func appendSlowly(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): append(scalar, to: &output)
            case .error: output += Array("\\u{FFFD}".utf8)
            case .emptyInput: return
            }
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        if scalar == "\t" { return output.append(UInt8(ascii: " ")) }
        if scalar == "\\" {
            output += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
            return
        }
        guard isHidden(scalar) else {
            output += Array(String(Character(scalar)).utf8)
            return
        }
        output += Array("\\u{\(String(scalar.value, radix: 16, uppercase: true))}".utf8)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
