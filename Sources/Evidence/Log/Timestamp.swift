/// A moment as receipts write it: RFC 3339, UTC, microseconds, e.g. `2026-01-31T08:05:00.000123Z`.
public struct Timestamp: Hashable, Sendable {
    /// Since 1970, leap seconds not counted.
    public let microseconds: UInt64

    /// The last moment of the year 9999, after which the form has no room.
    static let last: UInt64 = 253_402_300_799_999_999

    public init(nanoseconds: UInt64) {
        microseconds = min(nanoseconds / 1_000, Self.last)
    }

    init(microseconds: UInt64) {
        self.microseconds = min(microseconds, Self.last)
    }

    public var text: String {
        let seconds = microseconds / 1_000_000
        let (year, month, day) = Self.date(ofDay: Int(seconds / 86_400))
        let clock = seconds % 86_400
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(Int(clock / 3_600), 2) + ":"
            + pad(Int(clock / 60 % 60), 2)
            + ":" + pad(Int(clock % 60), 2) + "." + pad(Int(microseconds % 1_000_000), 6) + "Z"
    }

    /// Whether a text is the form of some moment: digits and marks in place, and the fields in range.
    static func isForm(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { isForm($0) }
    }

    static func isForm(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let pattern: StaticString = "0000-00-00T00:00:00.000000Z"
        guard bytes.count == pattern.utf8CodeUnitCount else { return false }
        let (text, form) = (UnsafeRawBufferPointer(bytes), UnsafeRawPointer(pattern.utf8Start))
        // All of its words, the last of which begins within the one before.
        for offset in [0, 8, 16, Self.length - 8] {
            let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if !Self.hasForm(word, form.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) { return false }
        }
        func field(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) } }
        return (1...12).contains(field(5..<7)) && (1...31).contains(field(8..<10)) && field(11..<13) < 24 && field(14..<16) < 60
            && field(17..<19) < 60
    }

    /// Eight bytes at once: a digit where the form has 0, else what the form has. What is too much shows in a byte's high bit.
    @inline(__always)
    private static func hasForm(_ word: UInt64, _ form: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let difference = word ^ form
        // The form's bytes are ASCII, and only 0 differs from 0 in nothing.
        let marks = ((form ^ (ones &* 0x30)) &+ (ones &* 0x7F)) & high
        let room = (ones &* 0x76) | ((marks &>> 7) &* 0x09)
        return (difference | (difference &+ room)) & high == 0
    }

    /// Days since 1970 to a date of the Gregorian calendar, by eras of 400 years that begin in March.
    private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
