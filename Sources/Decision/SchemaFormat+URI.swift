/// RFC 3986.
extension SchemaFormat {
    static func isURI(_ text: Span<UInt8>) -> Bool {
        var at = 0
        while at < text.count, text[at].isLetter || at > 0 && (text[at].isDigit || text[at].isOne(of: "+-.")) { at += 1 }
        guard at > 0, at < text.count, text[at] == UInt8(ascii: ":") else { return false }
        at += 1
        if at + 1 < text.count, text[at] == UInt8(ascii: "/"), text[at + 1] == UInt8(ascii: "/") {
            let end = first(of: "/?#", text, from: at + 2)
            guard isAuthority(text, at + 2..<end) else { return false }
            at = end
        }
        let query = first(of: "?#", text, from: at)
        let fragment = first(of: "#", text, from: query)
        return consists(text, at..<query, of: ":@/") && consists(text, query..<fragment, of: ":@/?")
            && (fragment == text.count || consists(text, fragment + 1..<text.count, of: ":@/?"))
    }

    /// userinfo, host and port.
    private static func isAuthority(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let sign = first(of: "@", text, from: range.lowerBound)
        let hasUser = sign < range.upperBound
        if hasUser, !consists(text, range.lowerBound..<sign, of: ":") { return false }
        let host = hasUser ? sign + 1 : range.lowerBound
        if host < range.upperBound, text[host] == UInt8(ascii: "[") { return isLiteral(text, host..<range.upperBound) }
        let colon = min(first(of: ":", text, from: host), range.upperBound)
        return consists(text, host..<colon, of: "") && isPort(text, colon..<range.upperBound)
    }

    /// An address in brackets, and a port.
    private static func isLiteral(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let close = first(of: "]", text, from: range.lowerBound)
        guard close < range.upperBound else { return false }
        let address = range.lowerBound + 1..<close
        let isFuture = address.count > 1 && text[address.lowerBound] | 0x20 == UInt8(ascii: "v")
        guard isFuture ? isFutureAddress(text, address.dropFirst()) : isIPv6(text, address) else { return false }
        return isPort(text, close + 1..<range.upperBound)
    }

    private static func isFutureAddress(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        while at < range.upperBound, text[at].isHexDigit { at += 1 }
        guard at > range.lowerBound, at + 1 < range.upperBound, text[at] == UInt8(ascii: ".") else { return false }
        return first(of: "%", text, from: at) >= range.upperBound && consists(text, at + 1..<range.upperBound, of: ":")
    }

    private static func isPort(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let colon = range.first else { return true }
        guard text[colon] == UInt8(ascii: ":") else { return false }
        for index in range.dropFirst() where !text[index].isDigit { return false }
        return true
    }

    private static func first(of characters: StaticString, _ text: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < text.count, !text[at].isOne(of: characters) { at += 1 }
        return at
    }

    /// Whether a range holds nothing but unreserved characters, sub-delims, percent-encoded ones and some more.
    private static func consists(_ text: Span<UInt8>, _ range: Range<Int>, of more: StaticString) -> Bool {
        var at = range.lowerBound
        while at < range.upperBound {
            if text[at] == UInt8(ascii: "%") {
                guard at + 2 < range.upperBound, text[at + 1].isHexDigit, text[at + 2].isHexDigit else { return false }
                at += 3
                continue
            }
            let isPlain = text[at].isDigit || text[at].isLetter || text[at].isOne(of: "-._~!$&'()*+,;=")
            guard isPlain || text[at].isOne(of: more) else { return false }
            at += 1
        }
        return true
    }
}
