/// Text of strangers, shortened for records and lines.
enum ClippedText {
    private static let longest = 256

    /// The first 256 bytes of valid UTF-8, cut between code points.
    static func utf8(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.count > longest else { return bytes[...] }
        var end = longest
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes[..<end]
    }
}
