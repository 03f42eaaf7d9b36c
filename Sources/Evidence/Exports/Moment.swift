/// A moment of RFC 3339 with any offset, to the nanosecond: what others write. Receipts write `Timestamp`.
public struct Moment: Hashable, Sendable, Comparable {
    /// Since 1970, leap seconds not counted.
    let seconds: Int64
    let nanoseconds: Int64

    /// Reads `2026-01-31T08:05:00.5+01:00` and its like; nil for anything else, without an offset, or with more than nine decimals.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, Self.matches(bytes, "0000-00-00T00:00:00") else { return nil }
        func number(_ range: Range<Int>) -> Int64 { range.reduce(0) { $0 * 10 + Int64(bytes[$1] - 0x30) } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), day >= 1, day <= Self.days(year, month), hour < 24, minute < 60, second < 60,
            let (decimals, end) = Self.decimals(bytes), let offset = Self.offset(bytes[end...])
        else { return nil }
        seconds = Self.day(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        nanoseconds = decimals
    }

    public static func < (left: Moment, right: Moment) -> Bool { (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds) }

    private static func matches(_ bytes: [UInt8], _ pattern: StaticString) -> Bool {
        (0..<pattern.utf8CodeUnitCount).allSatisfy {
            pattern.utf8Start[$0] == 0x30 ? bytes[$0] &- 0x30 < 10 : bytes[$0] == pattern.utf8Start[$0]
        }
    }

    private static func decimals(_ bytes: [UInt8]) -> (Int64, end: Int)? {
        guard bytes[19] == UInt8(ascii: ".") else { return (0, 19) }
        let digits = bytes[20...].prefix { $0 &- 0x30 < 10 }
        guard (1...9).contains(digits.count) else { return nil }
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return ((digits.count..<9).reduce(value) { scaled, _ in scaled * 10 }, digits.endIndex)
    }

    /// In seconds.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let text = Array(bytes)
        if text == [UInt8(ascii: "Z")] { return 0 }
        guard text.count == 6, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"), matches(Array(text[1...]), "00:00") else {
            return nil
        }
        let digits = [text[1], text[2], text[4], text[5]].map { Int64($0 - 0x30) }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return (text[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }

    private static func days(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 of a date of the Gregorian calendar, by eras of 400 years that begin in March.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
