import Policy

/// The host of a URL, or of `host` or `host:port`, where every parser reads the same one.
///
/// RFC 3986 and the URL Standard of WHATWG are taken together: what they, or libraries that follow them in part, read differently has no
/// host here.
struct HostReading {
    enum Host: Hashable {
        /// ASCII, lower case.
        case name([UInt8])
        case address(IPAddress)
    }

    /// `nil`: none, or not one that all agree on.
    let host: Host?

    init(_ text: Span<UInt8>) {
        guard let authority = Self.authority(text) else {
            host = nil
            return
        }
        host = Self.host(ofAuthority: authority, text)
    }

    /// Where the authority lies. Before its end nothing may stand but visible ASCII without `\`, `%` and `@`; behind it no control
    /// characters, which some parsers leave out.
    private static func authority(_ text: Span<UInt8>) -> Range<Int>? {
        for index in text.indices where text[index] < 0x20 || text[index] == 0x7F { return nil }
        guard let start = startOfAuthority(text) else { return nil }
        var end = start
        while end < text.count, !text[end].isOne(of: "/?#") { end += 1 }
        // Without a scheme there is nothing but host and port.
        guard end > start, start > 0 || end == text.count else { return nil }
        return start..<end
    }

    /// Behind `scheme://`, or 0 where there is no scheme.
    private static func startOfAuthority(_ text: Span<UInt8>) -> Int? {
        guard text.count > 0 else { return nil }
        var at = 0
        while at < text.count, text[at].isLetter || text[at].isDigit || text[at].isOne(of: "+-.") { at += 1 }
        let hasSlashes = at + 2 < text.count && text[at] == UInt8(ascii: ":") && text[at + 1] == slash && text[at + 2] == slash
        guard hasSlashes else { return isSpecial(text, 0..<at) ? nil : 0 }
        return text[0].isLetter && !isWord("file", text, 0..<at) ? at + 3 : nil
    }

    private static let slash = UInt8(ascii: "/")

    /// `http:8080` is a host and a port to some, and a URL to those who know the scheme. A path without a host is no way out of a file URL.
    private static func isSpecial(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.upperBound < text.count, text[range.upperBound] == UInt8(ascii: ":") else { return false }
        return isWord("http", text, range) || isWord("https", text, range) || isWord("ws", text, range) || isWord("wss", text, range)
            || isWord("ftp", text, range) || isWord("file", text, range)
    }

    private static func isWord(_ word: StaticString, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in word.indices.allSatisfy { text[range.lowerBound + $0] | 0x20 == word[$0] } }
    }

    private static func host(ofAuthority range: Range<Int>, _ text: Span<UInt8>) -> Host? {
        var end = range.upperBound
        while end > range.lowerBound, text[end - 1].isDigit { end -= 1 }
        if end > range.lowerBound, text[end - 1] == UInt8(ascii: ":") {
            guard isPort(text, end..<range.upperBound) else { return nil }
            end -= 1
        } else {
            end = range.upperBound
        }
        guard end > range.lowerBound else { return nil }
        guard text[range.lowerBound] == UInt8(ascii: "[") else { return host(text, range.lowerBound..<end) }
        guard text[end - 1] == UInt8(ascii: "]"), end - range.lowerBound > 2 else { return nil }
        let inner = string(text, range.lowerBound + 1..<end - 1)
        guard let address = IPAddress(inner), case .v6 = address else { return nil }
        return .address(address)
    }

    private static func isPort(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard (1...5).contains(range.count) else { return false }
        return range.reduce(0) { $0 * 10 + Int(text[$1] & 15) } <= 65_535
    }

    /// A name of labels, or a dotted IPv4 address.
    static func host(_ text: Span<UInt8>, _ range: Range<Int>) -> Host? {
        guard (1...253).contains(range.count) else { return nil }
        var name: [UInt8] = []
        name.reserveCapacity(range.count)
        for index in range {
            let byte = text[index]
            guard byte.isLetter || byte.isDigit || byte.isOne(of: "-_.") else { return nil }
            name.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ (1...63).contains($0.count) }), let last = labels.last else { return nil }
        guard isNumber(last) else { return .name(name) }
        return IPAddress(String(decoding: name, as: UTF8.self)).map(Host.address)
    }

    /// What makes parsers take the whole host for an IPv4 address (URL Standard, "ends in a number").
    private static func isNumber(_ label: ArraySlice<UInt8>) -> Bool {
        label.allSatisfy(\.isDigit) || label.starts(with: [0x30, 0x78]) && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    private static func string(_ text: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { text[$0] }, as: UTF8.self)
    }
}
