import Policy

/// The URI of a resource in the one form in which patterns are compared with it.
///
/// `file` URIs have no host; their path is percent-decoded once, normalised by its letters, and encoded anew, all but unreserved characters
/// and `/`, as values in policies are. Of other schemes the scheme and the host are lower-cased, and all else is compared as it stands. Where
/// programs could read a URI differently there is no such form, and it is denied: control characters, spaces, backslashes, credentials, `.`
/// and `..` segments (in a `file` URI only such as lead above the root), however they are encoded, percent signs that encode nothing, are
/// encoded themselves or stand for a slash, and in `file` URIs hosts, queries and fragments.
struct ResourceURI {
    let normal: [UInt8]

    init?(_ uri: [UInt8]) {
        guard uri.allSatisfy(Self.isPlain), let colon = Self.endOfScheme(uri) else { return nil }
        let scheme = uri[..<colon].map(Self.lowercased), rest = uri[(colon + 1)...]
        let normal = scheme == Array("file".utf8) ? Self.file(rest) : Self.other(rest)
        guard let normal else { return nil }
        self.normal = scheme + [UInt8(ascii: ":")] + normal
    }

    /// A pattern in the form of those URIs that it is compared with: what stands between its `*` is encoded as they are. Nil where it could
    /// match none of them.
    static func normal(_ pattern: ToolPattern) -> ToolPattern? {
        let text = Array(pattern.text.utf8), scheme = Array("file://".utf8)
        guard text.count >= scheme.count, text.prefix(scheme.count).map(lowercased) == scheme else { return pattern }
        var output = scheme
        for piece in text.dropFirst(scheme.count).split(separator: star, omittingEmptySubsequences: false) {
            guard let plain = decoded(piece) else { return nil }
            if piece.startIndex > scheme.count { output.append(star) }
            append(plain, to: &output)
        }
        return ToolPattern(String(decoding: output, as: UTF8.self))
    }

    /// The beginning of URIs, up to where they are not known: nil where they would have no form to be compared with.
    static func normal(beginning: [UInt8]) -> [UInt8]? {
        guard !beginning.contains(star), beginning.allSatisfy(isPlain), let colon = endOfScheme(beginning) else { return nil }
        let scheme = beginning[..<colon].map(lowercased)
        let segments = beginning.dropFirst(colon + 1).split(separator: slash)
        guard !segments.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else { return nil }
        guard scheme == Array("file".utf8) else { return scheme + beginning.dropFirst(colon) }
        return ToolPattern(String(decoding: scheme + beginning.dropFirst(colon), as: UTF8.self)).flatMap(normal).map { Array($0.text.utf8) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\\") }

    private static let star = UInt8(ascii: "*")

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
        var normal = [slash, slash]
        append(components.isEmpty ? [slash] : components.flatMap { [slash] + $0 }, to: &normal)
        return normal
    }

    private static func append(_ path: [UInt8], to output: inout [UInt8]) {
        for byte in path {
            if byte.isLetter || byte.isDigit || byte.isOne(of: "-._~/") {
                output.append(byte)
            } else {
                output += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10 }

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
