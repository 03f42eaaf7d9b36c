/// JSON as clients take it, with comments and commas before a closing bracket; each value keeps its place.
struct JSONCReader {
    private let bytes: [UInt8]
    private var at: Int
    private var values = 0

    static func read(_ bytes: [UInt8], from start: Int) throws(ConfigProblem) -> ConfigValue {
        var reader = JSONCReader(bytes: bytes, at: start)
        try reader.skipSpace()
        let value = try reader.value(depth: 1)
        try reader.skipSpace()
        guard reader.at == bytes.count else { throw ConfigProblem(.unexpectedCharacter, at: reader.at) }
        return value
    }

    private init(bytes: [UInt8], at start: Int) {
        self.bytes = bytes
        at = start
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// Steps over this byte, or says what else is there.
    private mutating func expect(_ byte: UInt8) throws(ConfigProblem) {
        guard let next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        guard next == byte else { throw ConfigProblem(.unexpectedCharacter, at: at) }
        at += 1
    }

    private mutating func skipSpace() throws(ConfigProblem) {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(ConfigProblem) {
        let start = at
        at += 1
        guard let kind = next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        at += 1
        switch kind {
        case UInt8(ascii: "/"):
            at = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
        case UInt8(ascii: "*"):
            while at + 1 < bytes.count, bytes[at] != UInt8(ascii: "*") || bytes[at + 1] != UInt8(ascii: "/") { at += 1 }
            guard at + 1 < bytes.count else { throw ConfigProblem(.unexpectedEnd, at: start) }
            at += 2
        default: throw ConfigProblem(.unexpectedCharacter, at: start)
        }
    }

    private mutating func value(depth: Int) throws(ConfigProblem) -> ConfigValue {
        values += 1
        guard values <= ConfigLimits.values else { throw ConfigProblem(.tooManyValues, at: at) }
        guard let byte = next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        let start = at
        switch byte {
        case UInt8(ascii: "\""):
            let text = try string()
            return ConfigValue(.string(text), at: start..<at)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth <= ConfigLimits.depth else { throw ConfigProblem(.tooDeep, at: at) }
            return byte == UInt8(ascii: "{") ? try table(depth: depth) : try list(depth: depth)
        default: return try word()
        }
    }

    private mutating func list(depth: Int) throws(ConfigProblem) -> ConfigValue {
        let start = at
        at += 1
        var items: [ConfigValue] = []
        try skipSpace()
        while next != UInt8(ascii: "]") {
            items.append(try value(depth: depth + 1))
            try skipSpace()
            if next == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
            try skipSpace()
        }
        at += 1
        return ConfigValue(.list(items), at: start..<at)
    }

    private mutating func table(depth: Int) throws(ConfigProblem) -> ConfigValue {
        let start = at
        at += 1
        var members: [ConfigMember] = []
        var seen: Set<[UInt8]> = []
        try skipSpace()
        while next != UInt8(ascii: "}") {
            let keyStart = at
            guard next != nil else { throw ConfigProblem(.unexpectedEnd, at: at) }
            guard next == UInt8(ascii: "\"") else { throw ConfigProblem(.unexpectedCharacter, at: at) }
            let key = try string()
            guard seen.insert(Array(key.utf8)).inserted else { throw ConfigProblem(.duplicate(key), at: keyStart) }
            let keySpan = keyStart..<at
            try skipSpace()
            try expect(UInt8(ascii: ":"))
            try skipSpace()
            members.append(ConfigMember(key: key, keySpan: keySpan, keyStart: keyStart, value: try value(depth: depth + 1)))
            try skipSpace()
            if next == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
            try skipSpace()
        }
        at += 1
        return ConfigValue(.table(members), at: start..<at)
    }

    /// A literal or a number.
    private mutating func word() throws(ConfigProblem) -> ConfigValue {
        let start = at
        while let byte = next, Self.isWordByte(byte) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard !text.isEmpty else { throw ConfigProblem(.unexpectedCharacter, at: start) }
        guard ["true", "false", "null"].contains(text) || Self.isNumber(bytes[start..<at]) else {
            throw ConfigProblem(.badNumber, at: start)
        }
        return ConfigValue(.other(text), at: start..<at)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
    }

    /// RFC 8259 section 6.
    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let whole = rest.prefix(while: ASCII.isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: ASCII.isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count + 1)
        }
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
            let digits = rest.prefix(while: ASCII.isDigit)
            return !digits.isEmpty && digits.count == rest.count
        }
        return rest.isEmpty
    }

    // MARK: Strings

    private mutating func string() throws(ConfigProblem) -> String {
        at += 1
        var text: [UInt8] = []
        var plain = at
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[plain..<at]
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[plain..<at]
                text += try escape()
                plain = at
            case 0..<0x20: throw ConfigProblem(.controlCharacter, at: at)
            default: at += 1
            }
        }
        throw ConfigProblem(.unexpectedEnd, at: at)
    }

    private mutating func escape() throws(ConfigProblem) -> [UInt8] {
        let start = at
        at += 1
        guard let letter = next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "u"): return Array(String(try unicode(start)).utf8)
        default: throw ConfigProblem(.badEscape, at: start)
        }
    }

    /// One half of a pair alone is no text, and is refused.
    private mutating func unicode(_ start: Int) throws(ConfigProblem) -> Unicode.Scalar {
        let high = try unit(start)
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard (0xD800...0xDBFF).contains(high), next == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") else {
            throw ConfigProblem(.badEscape, at: start)
        }
        at += 2
        let low = try unit(start)
        guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) else {
            throw ConfigProblem(.badEscape, at: start)
        }
        return scalar
    }

    private mutating func unit(_ start: Int) throws(ConfigProblem) -> UInt32 {
        guard let value = ASCII.hexadecimal(bytes, at, count: 4) else { throw ConfigProblem(.badEscape, at: start) }
        at += 4
        return value
    }
}
