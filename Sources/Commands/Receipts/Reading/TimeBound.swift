/// A moment of a command line: `2026-01-31`, `2026-01-31T08:05` or any longer beginning of `2026-01-31T08:05:00.000123Z`, in UTC. It stands for
/// all moments that begin so.
struct TimeBound: Sendable, Hashable {
    private let text: [UInt8]

    private static let pattern = Array("0000-00-00T00:00:00.000000Z".utf8)
    /// Whole years, months, days, hours, minutes and seconds, then any digit of the fraction.
    private static let lengths: Set<Int> = [4, 7, 10, 13, 16, 19, 21, 22, 23, 24, 25, 26]

    init?(_ text: String) {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: "Z") { bytes.removeLast() }
        guard Self.lengths.contains(bytes.count), Self.isPattern(bytes) else { return nil }
        self.text = bytes
    }

    var words: String { String(decoding: text, as: UTF8.self) }

    /// Whether a receipt's time has the form that receipts have.
    static func isWhole(_ time: String) -> Bool {
        let bytes = Array(time.utf8)
        return bytes.count == pattern.count && isPattern(bytes)
    }

    private static func isPattern(_ bytes: [UInt8]) -> Bool {
        zip(bytes, pattern).allSatisfy { byte, mark in mark == UInt8(ascii: "0") ? byte &- 0x30 < 10 : byte == mark }
    }

    /// Whether a receipt's time is not before it.
    func isReached(by time: String) -> Bool { !time.utf8.lexicographicallyPrecedes(text) }

    /// Whether a receipt's time is not after it.
    func isNotPassed(by time: String) -> Bool { !text.lexicographicallyPrecedes(time.utf8.prefix(text.count)) }
}
