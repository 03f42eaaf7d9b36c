/// The URI of a resource in the one form in which patterns are compared with it.
///
/// `file` URIs have no host; their path is percent-decoded once and normalised by its letters. Of other schemes the scheme and the host are
/// lower-cased, and all else is compared as it stands. Where programs could read a URI differently there is no such form, and it is denied:
/// control characters, spaces, backslashes, credentials, `.` and `..` segments (in a `file` URI only such as lead above the root), however
/// they are encoded, percent signs that encode nothing, are encoded themselves or stand for a slash, and in `file` URIs hosts, queries and
/// fragments.
struct ResourceURI {
    let normal: [UInt8]

    init?(_ uri: [UInt8]) {
        guard uri.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }), let colon = Self.endOfScheme(uri) else { return nil }
        let scheme = uri[..<colon].map(Self.lowercased), rest = uri[(colon + 1)...]
        let normal = scheme == Array("file".utf8) ? Self.file(rest) : Self.other(rest)
        guard let normal else { return nil }
        self.normal = scheme + [UInt8(ascii: ":")] + normal
    }

    private static let slash = UInt8(ascii: "/")

    private static func endOfScheme(_ uri: [UInt8]) -> Int? {
        guard let colon = uri.firstIndex(of: UInt8(ascii: ":")), let first = uri.first, first.isLetter else { return nil }
        return uri[..<colon].allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "+-.") } ? colon : nil
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte }

    private static func file(_ rest: ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.starts(with: Array("///".utf8)), !rest.contains(where: { $0.isOne(of: "?#") }) else { return nil }
        guard let path = decoded(rest.dropFirst(2)) else { return nil }
        var components: [ArraySlice<UInt8>] = []
        for component in path.split(separator: slash) {
            if component.elementsEqual(".".utf8) { continue }
            guard component.elementsEqual("..".utf8) else {
                components.append(component)
                continue
            }
            guard components.popLast() != nil else { return nil }
        }
        let normal = components.flatMap { [slash] + $0 }
        return [slash, slash] + (normal.isEmpty ? [slash] : normal)
    }

    private static func other(_ rest: ArraySlice<UInt8>) -> [UInt8]? {
        var authority = rest.prefix(0)
        if rest.starts(with: [slash, slash]) {
            let end = rest.dropFirst(2).firstIndex { $0.isOne(of: "/?#") } ?? rest.endIndex
            authority = rest[..<end]
            guard !authority.contains(where: { $0.isOne(of: "@%") || $0 >= 0x80 }) else { return nil }
        }
        let tail = rest[authority.endIndex...]
        guard let plain = decoded(tail.prefix { !$0.isOne(of: "?#") }) else { return nil }
        let hasDots = plain.split(separator: slash).contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
        return hasDots ? nil : authority.map(lowercased) + tail
    }

    /// Percent-decoded once; nil where that leaves something open.
    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
            let value = high << 4 | low
            guard value >= 0x20, value != 0x7F, !value.isOne(of: "%/\\") else { return nil }
            output.append(value)
        }
        return output
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        guard byte.isHexDigit else { return nil }
        return byte.isDigit ? byte & 15 : (byte & 7) + 9
    }
}
