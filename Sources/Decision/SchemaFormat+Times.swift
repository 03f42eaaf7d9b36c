/// RFC 3339 section 5.6.
extension SchemaFormat {
    static func isDateTime(_ text: Span<UInt8>) -> Bool {
        text.count > 11 && isDate(text) && text[10] | 0x20 == UInt8(ascii: "t") && isTime(text, from: 11)
    }

    /// Whether a full-date stands at the beginning.
    static func isDate(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return false }
        guard let century = twoDigits(text, 0), let rest = twoDigits(text, 2) else { return false }
        guard let month = twoDigits(text, 5), let day = twoDigits(text, 8) else { return false }
        return (1...12).contains(month) && day >= 1 && day <= days(in: month, of: century * 100 + rest)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether a full-time reaches from `start` to the end. A leap second is one only at the end of a day in UTC.
    static func isTime(_ text: Span<UInt8>, from start: Int) -> Bool {
        guard text.count > start + 8, text[start + 2] == UInt8(ascii: ":"), text[start + 5] == UInt8(ascii: ":") else { return false }
        guard let hour = twoDigits(text, start), let minute = twoDigits(text, start + 3) else { return false }
        guard let second = twoDigits(text, start + 6), hour < 24, minute < 60, second <= 60 else { return false }
        guard let zone = endOfFraction(text, start + 8), let offset = offset(text, zone) else { return false }
        return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439
    }

    private static func endOfFraction(_ text: Span<UInt8>, _ start: Int) -> Int? {
        guard text[start] == UInt8(ascii: ".") else { return start }
        var at = start + 1
        while at < text.count, text[at].isDigit { at += 1 }
        return at > start + 1 ? at : nil
    }

    /// Minutes east of UTC.
    private static func offset(_ text: Span<UInt8>, _ at: Int) -> Int? {
        guard at < text.count else { return nil }
        if text[at] | 0x20 == UInt8(ascii: "z") { return at + 1 == text.count ? 0 : nil }
        guard text[at].isOne(of: "+-"), text.count == at + 6, text[at + 3] == UInt8(ascii: ":") else { return nil }
        guard let hours = twoDigits(text, at + 1), let minutes = twoDigits(text, at + 4), hours < 24, minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (text[at] == UInt8(ascii: "-") ? -1 : 1)
    }

    private static func twoDigits(_ text: Span<UInt8>, _ at: Int) -> Int? {
        guard at + 1 < text.count, text[at].isDigit, text[at + 1].isDigit else { return nil }
        return Int(text[at] & 15) * 10 + Int(text[at + 1] & 15)
    }
}
