extension TOMLReader {
    mutating func string() throws(ConfigProblem) -> String {
        if starts(with: "\"\"\"") { return try longString(UInt8(ascii: "\"")) }
        if starts(with: "'''") { return try longString(UInt8(ascii: "'")) }
        return next == UInt8(ascii: "'") ? try literalString() : try basicString()
    }

    mutating func literalString() throws(ConfigProblem) -> String {
        at += 1
        let start = at
        while let byte = next {
            if byte == UInt8(ascii: "'") {
                at += 1
                return String(decoding: bytes[start..<at - 1], as: UTF8.self)
            }
            try refuseControl(byte)
            at += 1
        }
        throw ConfigProblem(.unexpectedEnd, at: at)
    }

    mutating func basicString() throws(ConfigProblem) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            default:
                try refuseControl(byte)
                text.append(byte)
                at += 1
            }
        }
        throw ConfigProblem(.unexpectedEnd, at: at)
    }

    private func refuseControl(_ byte: UInt8) throws(ConfigProblem) {
        if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw ConfigProblem(.controlCharacter, at: at) }
    }

    /// Between three quotes; a line end directly behind the first three is not part of it.
    private mutating func longString(_ quote: UInt8) throws(ConfigProblem) -> String {
        at += 3
        if starts(with: "\r\n") { at += 2 } else if next == 0x0A { at += 1 }
        var text: [UInt8] = []
        while let byte = next {
            if byte == quote, at + 2 < bytes.count, bytes[at + 1] == quote, bytes[at + 2] == quote {
                at += 3
                // Up to two more belong to the text.
                for _ in 0..<2 where next == quote {
                    text.append(quote)
                    at += 1
                }
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if !skipFoldedLine() { text += try escape() }
                continue
            }
            if byte != 0x0A, byte != 0x0D { try refuseControl(byte) }
            text.append(byte)
            at += 1
        }
        throw ConfigProblem(.unexpectedEnd, at: at)
    }

    /// A backslash at a line's end: all space up to the next text goes.
    private mutating func skipFoldedLine() -> Bool {
        var end = at + 1
        while end < bytes.count, ASCII.isBlank(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == 0x0A || bytes[end] == 0x0D else { return false }
        while end < bytes.count, ASCII.isSpace(bytes[end]) { end += 1 }
        at = end
        return true
    }

    private mutating func escape() throws(ConfigProblem) -> [UInt8] {
        let start = at
        at += 1
        guard let letter = next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = letter == UInt8(ascii: "u") ? 4 : 8
            guard let value = ASCII.hexadecimal(bytes, at, count: count), let scalar = Unicode.Scalar(value) else {
                throw ConfigProblem(.badEscape, at: start)
            }
            at += count
            return Array(String(scalar).utf8)
        default: throw ConfigProblem(.badEscape, at: start)
        }
    }

    /// A Boolean, a number or a date; these last are not looked into.
    mutating func word() throws(ConfigProblem) -> String {
        let start = at
        while let byte = next, Self.isWordByte(byte) { at += 1 }
        // A date and its time may have a space between.
        if at - start == 10, bytes[start + 4] == UInt8(ascii: "-"), next == 0x20, at + 1 < bytes.count, ASCII.isDigit(bytes[at + 1]) {
            at += 1
            while let byte = next, Self.isWordByte(byte) { at += 1 }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard !text.isEmpty else { throw ConfigProblem(.unexpectedCharacter, at: start) }
        let digits = text.drop { $0 == "+" || $0 == "-" }
        guard ["true", "false"].contains(text) || ["inf", "nan"].contains(digits) || digits.utf8.first.map(ASCII.isDigit) == true else {
            throw ConfigProblem(.badNumber, at: start)
        }
        return text
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || "+-.:_".utf8.contains(byte)
    }
}
