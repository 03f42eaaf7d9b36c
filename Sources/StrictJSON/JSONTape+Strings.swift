extension JSONTape {
    /// Reads the string whose quote is at `quote`; returns the offset behind its closing quote.
    mutating func scanString(_ bytes: Span<UInt8>, _ quote: Int) throws(JSONError) -> Int {
        var at = quote + 1
        var isEscaped = false
        while true {
            at = Self.plainRun(bytes, at)
            guard at < bytes.count else { throw JSONError(.unexpectedEnd, at: at) }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                try append(.string, quote + 1, at, escaped: isEscaped, verbatim: departure <= quote)
                return at + 1
            case UInt8(ascii: "\\"):
                isEscaped = true
                at = try scanEscape(bytes, at)
            case 0x80...:
                guard let next = UTF8Sequence.end(in: bytes, from: at) else { throw JSONError(.invalidUTF8, at: at) }
                at = next
            default:
                throw JSONError(.controlCharacter, at: at)
            }
        }
    }

    /// The first offset from `start` on whose byte is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    private static func plainRun(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        let raw = bytes.bytes
        var at = start
        while at + 8 <= raw.byteCount {
            let special = specialBytes(raw.word(at))
            if special != 0 { return at + special.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < bytes.count, isPlain(bytes[at]) { at += 1 }
        return at
    }

    /// The high bit of each byte that is not plain; above the first one there may be false ones.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let hits = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word) | word
        return hits & (ones &* 0x80)
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Checks the escape at `start`; returns the offset behind it.
    private mutating func scanEscape(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        guard start + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: start) }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "/"):
            departure = start + 2
            return start + 2
        case UInt8(ascii: "u"):
            return try scanUnicodeEscape(bytes, start)
        default:
            throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func scanUnicodeEscape(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
        guard let unit = UnicodeEscape.unit(in: bytes, at: start) else { throw JSONError(.invalidEscape, at: start) }
        if !UnicodeEscape.isMinimal(unit, in: bytes, at: start) { departure = start + 6 }
        switch unit {
        case 0xD800...0xDBFF:
            guard let low = UnicodeEscape.unit(in: bytes, at: start + 6), (0xDC00...0xDFFF).contains(low) else {
                throw JSONError(.loneSurrogate, at: start)
            }
            departure = start + 12
            return start + 12
        case 0xDC00...0xDFFF:
            throw JSONError(.loneSurrogate, at: start)
        default:
            return start + 6
        }
    }

    /// Looks the name at `index` up among those of its container, and enters it.
    mutating func refuseDuplicate(_ index: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        let name = entries[index]
        let hash = hash(of: name, bytes)
        var position = names.start(hash, name.parent)
        while let candidate = names.candidate(hash, name.parent, at: &position) {
            let other = entries[Int(candidate)]
            if StringReader.areEqual(bytes, name, bytes, other) { throw JSONError(.duplicateMember, at: Int(name.start) - 1) }
            position = names.following(position)
        }
        names.insert(UInt32(truncatingIfNeeded: index), hash, name.parent, at: position)
    }

    private mutating func hash(of name: Entry, _ bytes: Span<UInt8>) -> UInt32 {
        guard name.isEscaped else { return names.hash(bytes.extracting(Int(name.start)..<Int(name.end)).bytes) }
        scratch.removeAll(keepingCapacity: true)
        StringReader.append(name, bytes, to: &scratch)
        return names.hash(scratch.span.bytes)
    }
}
