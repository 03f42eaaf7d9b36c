extension SchemaFormat {
    /// RFC 2673 section 3.2: four decimal octets without leading zeros.
    static func isIPv4(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var octets = 0
        var at = range.lowerBound
        while octets < 4 {
            let start = at
            var value = 0
            while at < range.upperBound, text[at].isDigit, at - start < 3 {
                value = value * 10 + Int(text[at] & 15)
                at += 1
            }
            guard at > start, value < 256, at - start == 1 || text[start] != UInt8(ascii: "0") else { return false }
            octets += 1
            if octets == 4 { break }
            guard at < range.upperBound, text[at] == UInt8(ascii: ".") else { return false }
            at += 1
        }
        return at == range.upperBound
    }

    /// RFC 4291 section 2.2, without a zone.
    static func isIPv6(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let end = range.upperBound
        var at = range.lowerBound
        var groups = 0
        var isShortened = false
        if isPair(text, at, end) {
            isShortened = true
            at += 2
        }
        while at < end {
            let group = endOfGroup(text, at, end)
            if group < end, text[group] == UInt8(ascii: ".") {
                guard isIPv4(text, at..<end) else { return false }
                groups += 2
                break
            }
            guard group > at else { return false }
            groups += 1
            at = group
            if at == end { break }
            if isPair(text, at, end) {
                guard !isShortened else { return false }
                isShortened = true
                at += 2
            } else {
                guard text[at] == UInt8(ascii: ":"), at + 1 < end else { return false }
                at += 1
            }
        }
        return isShortened ? groups < 8 : groups == 8
    }

    private static func isPair(_ text: Span<UInt8>, _ at: Int, _ end: Int) -> Bool {
        at + 1 < end && text[at] == UInt8(ascii: ":") && text[at + 1] == UInt8(ascii: ":")
    }

    private static func endOfGroup(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var at = start
        while at < end, at - start < 4, text[at].isHexDigit { at += 1 }
        return at
    }

    /// RFC 1123 section 2.1.
    static func isHostname(_ text: Span<UInt8>, _ range: Range<Int>) -> Truth {
        guard !range.isEmpty, range.count <= 253 else { return .false }
        var truth = Truth.true
        var start = range.lowerBound
        while true {
            var end = start
            while end < range.upperBound, text[end] != UInt8(ascii: ".") { end += 1 }
            truth = truth && isLabel(text, start..<end)
            guard truth != .false, end < range.upperBound else { return truth }
            start = end + 1
        }
    }

    private static func isLabel(_ text: Span<UInt8>, _ range: Range<Int>) -> Truth {
        guard (1...63).contains(range.count) else { return .false }
        for index in range {
            let isDash = text[index] == UInt8(ascii: "-")
            guard text[index].isDigit || text[index].isLetter || isDash else { return .false }
            if isDash, index == range.lowerBound || index == range.upperBound - 1 { return .false }
        }
        return isALabel(text, range) ? .unknown : .true
    }

    private static func isALabel(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let at = range.lowerBound
        return range.count >= 4 && text[at] | 0x20 == UInt8(ascii: "x") && text[at + 1] | 0x20 == UInt8(ascii: "n")
            && text[at + 2] == UInt8(ascii: "-") && text[at + 3] == UInt8(ascii: "-")
    }

    /// RFC 5321 section 4.1.2, `Mailbox`.
    static func isEmail(_ text: Span<UInt8>) -> Truth {
        var at = text.count - 1
        while at > 0, text[at] != UInt8(ascii: "@") { at -= 1 }
        guard at > 0, at <= 64, isLocalPart(text, 0..<at) else { return .false }
        let domain = at + 1..<text.count
        guard domain.count > 2, text[domain.lowerBound] == UInt8(ascii: "[") else { return isHostname(text, domain) }
        guard text[domain.upperBound - 1] == UInt8(ascii: "]") else { return .false }
        return Truth(isAddress(text, domain.lowerBound + 1..<domain.upperBound - 1))
    }

    private static func isAddress(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let tag: StaticString = "ipv6:"
        guard range.count > tag.utf8CodeUnitCount else { return false }
        let isTagged = tag.withUTF8Buffer { tag in
            tag.indices.allSatisfy { text[range.lowerBound + $0] | 0x20 == tag[$0] | 0x20 }
        }
        return isTagged ? isIPv6(text, range.dropFirst(tag.utf8CodeUnitCount)) : isIPv4(text, range)
    }

    private static func isLocalPart(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        if text[range.lowerBound] == UInt8(ascii: "\"") { return isQuoted(text, range) }
        var isAfterDot = true
        for index in range {
            let isDot = text[index] == UInt8(ascii: ".")
            guard isDot ? !isAfterDot : isAtomText(text[index]) else { return false }
            isAfterDot = isDot
        }
        return !isAfterDot
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte.isOne(of: "!#$%&'*+-/=?^_`{|}~")
    }

    private static func isQuoted(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count > 2, text[range.upperBound - 1] == UInt8(ascii: "\"") else { return false }
        var at = range.lowerBound + 1
        while at < range.upperBound - 1 {
            if text[at] == UInt8(ascii: "\\") { at += 1 } else if text[at] == UInt8(ascii: "\"") { return false }
            guard at < range.upperBound - 1, (0x20..<0x7F).contains(text[at]) else { return false }
            at += 1
        }
        return true
    }
}
