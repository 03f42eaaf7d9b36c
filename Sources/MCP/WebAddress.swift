/// Addresses that a person may be sent to.
public enum WebAddress {
    /// Whether it is http or https, names a host and has no credentials, nor anything that browsers read differently.
    public static func isPlain(_ text: [UInt8]) -> Bool {
        guard text.count <= longest, text.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            let rest = withoutScheme(text)
        else { return false }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard let first = authority.first, first != UInt8(ascii: ":") else { return false }
        return authority.allSatisfy(isOfHost)
    }

    private static let longest = 8_192

    private static func withoutScheme(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        for scheme in ["https://", "http://"] where text.count > scheme.utf8.count {
            let beginning = text.prefix(scheme.utf8.count).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if beginning.elementsEqual(scheme.utf8) { return text.dropFirst(scheme.utf8.count) }
        }
        return nil
    }

    /// Letters, digits, and what stands between them, before a port and around an address of IPv6.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
