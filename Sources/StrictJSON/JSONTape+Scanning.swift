extension JSONTape {
    /// Reads the whole document: values, and after each value whatever closes or separates until the next one.
    mutating func scanDocument(_ bytes: Span<UInt8>) throws(JSONError) {
        try refuseByteOrderMark(bytes)
        var at = try skipWhitespace(bytes, 0)
        repeat {
            at = try scanValue(bytes, at)
            at = try scanToNextValue(bytes, at)
        } while open != Entry.none
        at = try skipWhitespace(bytes, at)
        guard at == bytes.count else { throw JSONError(.trailingData, at: at) }
    }

    private func refuseByteOrderMark(_ bytes: Span<UInt8>) throws(JSONError) {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw JSONError(.byteOrderMark, at: 0) }
    }

    /// Reads a scalar whole, or opens containers until a scalar was read or an empty one closed.
    private mutating func scanValue(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var at = start
        while true {
            guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
            switch bytes[at] {
            case UInt8(ascii: "\""): return try scanString(bytes, at)
            case UInt8(ascii: "{"): at = try enter(.object, bytes, at)
            case UInt8(ascii: "["): at = try enter(.array, bytes, at)
            case UInt8(ascii: "t"): return try scanLiteral("true", .true, bytes, at)
            case UInt8(ascii: "f"): return try scanLiteral("false", .false, bytes, at)
            case UInt8(ascii: "n"): return try scanLiteral("null", .null, bytes, at)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try scanNumber(bytes, at)
            default: throw JSONError(.unexpectedByte, at: at)
            }
            guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
            if closes(bytes[at]) { return at }
            if entries[Int(open)].kind == .object { at = try scanName(bytes, at) }
        }
    }

    /// After a value: closes containers, steps over a comma and the next name; returns where the next value begins, or
    /// where the document's value ended.
    private mutating func scanToNextValue(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var at = start
        while open != Entry.none {
            at = try skipWhitespace(bytes, at)
            guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
            if closes(bytes[at]) {
                at += 1
                leave(at)
                continue
            }
            guard bytes[at] == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte, at: at) }
            at = try skipWhitespace(bytes, at + 1)
            return entries[Int(open)].kind == .object ? try scanName(bytes, at) : at
        }
        return at
    }

    @inline(__always)
    private func closes(_ byte: UInt8) -> Bool {
        byte == (entries[Int(open)].kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    private mutating func enter(_ kind: JSONKind, _ bytes: Span<UInt8>, _ at: Int) throws(JSONError) -> Int {
        guard depth < limits.depth else { throw JSONError(.tooDeep, at: at) }
        depth += 1
        let index = UInt32(truncatingIfNeeded: entries.count)
        try append(kind, at, at + 1)
        open = index
        return try skipWhitespace(bytes, at + 1)
    }

    private mutating func leave(_ end: Int) {
        let index = Int(open)
        entries[index].end = UInt32(truncatingIfNeeded: end)
        entries[index].next = UInt32(truncatingIfNeeded: entries.count)
        entries[index].isVerbatim = departure <= Int(entries[index].start)
        open = entries[index].parent
        depth -= 1
    }

    /// Reads a member's name and the colon; returns where its value begins.
    private mutating func scanName(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        guard start < bytes.count else { throw JSONError(.unexpectedEnd, at: start) }
        guard bytes[start] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: start) }
        let index = entries.count
        let end = try scanString(bytes, start)
        try refuseDuplicate(index, bytes)
        let colon = try skipWhitespace(bytes, end)
        guard colon < bytes.count else { throw JSONError(.unexpectedEnd, at: colon) }
        guard bytes[colon] == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: colon) }
        return try skipWhitespace(bytes, colon + 1)
    }

    @inline(__always)
    mutating func append(_ kind: JSONKind, _ start: Int, _ end: Int, escaped: Bool = false, verbatim: Bool = true) throws(JSONError) {
        guard entries.count < limits.members else { throw JSONError(.tooManyMembers, at: start) }
        entries.append(
            Entry(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: entries.count + 1), parent: open,
                kind: kind, isEscaped: escaped, isVerbatim: verbatim))
    }

    @inline(__always)
    private mutating func skipWhitespace(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        guard start < bytes.count, bytes[start] <= 0x20 else { return start }
        return try skipWhitespaceRun(bytes, start)
    }

    private mutating func skipWhitespaceRun(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        var at = start
        while at < bytes.count {
            switch bytes[at] {
            case 0x20: at += 1
            case 0x09, 0x0A, 0x0D:
                guard whitespace == .rfc8259 else { throw JSONError(.forbiddenWhitespace, at: at) }
                at += 1
            default:
                if at > start { departure = at }
                return at
            }
        }
        return at
    }

    private mutating func scanLiteral(
        _ word: StaticString, _ kind: JSONKind, _ bytes: Span<UInt8>, _ start: Int
    ) throws(JSONError) -> Int {
        let end = start + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw JSONError(.invalidLiteral, at: start) }
        let isSame = word.withUTF8Buffer { letters in letters.indices.allSatisfy { letters[$0] == bytes[start + $0] } }
        guard isSame else { throw JSONError(.invalidLiteral, at: start) }
        try append(kind, start, end)
        return end
    }

    private mutating func scanNumber(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        guard let end = JSONNumber.end(in: bytes, from: start) else { throw JSONError(.invalidNumber, at: start) }
        try append(.number, start, end)
        return end
    }
}
