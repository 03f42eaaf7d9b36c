/// The alphabet for URLs (RFC 4648 section 5).
extension Base64 {
    /// Without padding, as JSON Web Keys have it (RFC 7515 section 2); nil for any other spelling.
    public static func decode(unpaddedURL text: String) -> [UInt8]? {
        guard !text.utf8.contains(where: { [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains($0) }) else { return nil }
        return decode(standard(text.utf8))
    }

    /// Either alphabet, with padding or without, as DSSE lets writers choose; nil for a mixture and for stray bits.
    public static func decode(anyAlphabet text: String) -> [UInt8]? {
        if let bytes = decode(text) { return bytes }
        let unpadded = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        guard unpadded.count == text.utf8.count || text.utf8.count.isMultiple(of: 4) else { return nil }
        return decode(unpaddedURL: String(decoding: Array(unpadded), as: UTF8.self))
    }

    private static func standard(_ text: some Collection<UInt8>) -> String {
        let translated = text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        return String(decoding: translated + Array(repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4), as: UTF8.self)
    }
}
