import StrictJSON

/// A reader of the same grammar in the plainest form, written apart from the tape, to hold the tape against.
struct ModelReader {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    private struct Refused: Error {}

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The tree, or nil where the document is refused.
    static func read(_ bytes: [UInt8]) -> JSON? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = ModelReader(bytes)
        return try? reader.document()
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func document() throws -> JSON {
        let value = try value()
        guard next == nil else { throw Refused() }
        return value
    }

    private mutating func skip() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    private mutating func eat(_ text: String) -> Bool {
        guard bytes[at...].starts(with: text.utf8) else { return false }
        at += text.utf8.count
        return true
    }

    private mutating func expect(_ text: String) throws {
        guard eat(text) else { throw Refused() }
    }

    private mutating func value() throws -> JSON {
        skip()
        defer { skip() }
        if eat("null") { return .null }
        if eat("true") { return true }
        if eat("false") { return false }
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["): return try nested { try $0.array() }
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        default: return try number()
        }
    }

    private mutating func nested(_ body: (inout ModelReader) throws -> JSON) throws -> JSON {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { throw Refused() }
        return try body(&self)
    }

    private mutating func array() throws -> JSON {
        try expect("[")
        skip()
        if eat("]") { return [] }
        var values = [try value()]
        while eat(",") { values.append(try value()) }
        try expect("]")
        return .array(values)
    }

    private mutating func object() throws -> JSON {
        try expect("{")
        skip()
        if eat("}") { return [:] }
        var object = JSONObject()
        repeat {
            skip()
            let name = try string()
            skip()
            try expect(":")
            let value = try value()
            guard object[name] == nil else { throw Refused() }
            object[name] = value
        } while eat(",")
        try expect("}")
        return .object(object)
    }

    private mutating func number() throws -> JSON {
        let start = at
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { at += 1 }
        guard
            let token = String(decoding: bytes[start..<at], as: UTF8.self).wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/),
            let number = JSONNumber(token: String(token.0))
        else { throw Refused() }
        return .number(number)
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var units: [UInt16] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw Refused() }
            if byte == UInt8(ascii: "\\") { units.append(try escape()) } else { units += plain() }
        }
        try expect("\"")
        guard let text = String(validating: units, as: UTF16.self) else { throw Refused() }
        return text
    }

    private mutating func plain() -> [UInt16] {
        let start = at
        repeat { at += 1 } while next.map { $0 & 0xC0 == 0x80 } ?? false
        return Array(String(decoding: bytes[start..<at], as: UTF8.self).utf16)
    }

    private mutating func escape() throws -> UInt16 {
        at += 1
        let letters: [(String, UInt16)] = [
            ("\"", 0x22), ("\\", 0x5C), ("/", 0x2F), ("b", 8), ("f", 12), ("n", 10), ("r", 13), ("t", 9),
        ]
        for (letter, unit) in letters where eat(letter) { return unit }
        try expect("u")
        let digits = bytes[at...].prefix(4)
        let isHex = digits.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
        guard isHex, digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else { throw Refused() }
        at += 4
        return unit
    }
}
