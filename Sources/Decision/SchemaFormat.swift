/// A `format` that is asserted; any other is refused.
enum SchemaFormat: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date, time, email, uri, uuid, ipv4, ipv6, hostname

    /// Whether a string has the format. Unknown for a host name with an A-label (`xn--`), which needs tables of IDNA to be judged.
    func judge(_ text: Span<UInt8>) -> Truth {
        let whole = 0..<text.count
        return switch self {
        case .dateTime: Truth(Self.isDateTime(text))
        case .date: Truth(text.count == 10 && Self.isDate(text))
        case .time: Truth(Self.isTime(text, from: 0))
        case .email: Self.isEmail(text)
        case .uri: Truth(Self.isURI(text))
        case .uuid: Truth(Self.isUUID(text))
        case .ipv4: Truth(Self.isIPv4(text, whole))
        case .ipv6: Truth(Self.isIPv6(text, whole))
        case .hostname: Self.isHostname(text, whole)
        }
    }

    /// RFC 4122.
    private static func isUUID(_ text: Span<UInt8>) -> Bool {
        guard text.count == 36 else { return false }
        for index in text.indices {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? text[index] == UInt8(ascii: "-") : text[index].isHexDigit else { return false }
        }
        return true
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
    var isHexDigit: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 6 }

    /// Whether it is one of some ASCII characters.
    func isOne(of characters: StaticString) -> Bool {
        characters.withUTF8Buffer { $0.contains(self) }
    }
}
