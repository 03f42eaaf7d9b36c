/// A number as the token that was received, e.g. `1e2`.
public struct JSONNumber: Sendable, Hashable {
    /// ASCII, of the grammar of RFC 8259 section 6.
    public let token: String

    public init(_ value: Int64) { token = String(value) }

    /// Nil when `token` is not a JSON number.
    public init?(token: String) {
        let bytes = Array(token.utf8)
        guard !bytes.isEmpty, JSONNumber.end(in: bytes.span, from: 0) == bytes.count else { return nil }
        self.token = token
    }

    /// For the reader, which has already checked the grammar.
    init(checked token: String) { self.token = token }

    /// Only for plain integer tokens (no fraction, no exponent) that fit.
    public var int64: Int64? { Int64(token) }

    /// The nearest double; infinite when the number is beyond its range.
    public var double: Double { Double(token) ?? .nan }

    /// The number's exact decimal value, for comparing without rounding.
    public var decimal: JSONDecimal { JSONDecimal(token: token.utf8) }
}

extension JSONNumber {
    /// The end of the number token that begins at `start`, or nil when none does.
    static func end(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard let integer = endOfInteger(in: bytes, from: at) else { return nil }
        at = integer
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            guard let fraction = endOfDigits(in: bytes, from: at + 1) else { return nil }
            at = fraction
        }
        guard at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") else { return at }
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
        return endOfDigits(in: bytes, from: at)
    }

    private static func endOfInteger(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard let end = endOfDigits(in: bytes, from: start) else { return nil }
        let leadingZero = bytes[start] == UInt8(ascii: "0") && end > start + 1
        return leadingZero ? nil : end
    }

    private static func endOfDigits(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        return at > start ? at : nil
    }
}
