/// Numbers in the form of RFC 8785 section 3.2.2.3, which is ECMAScript's.
enum CanonicalNumber {
    /// INVARIANT: `token` is of the JSON grammar.
    static func append(_ token: Span<UInt8>, rounding: JSONRounding, to output: inout [UInt8]) throws(JSONCanonicalError) {
        if isPlain(token) { return output.append(contentsOf: token, from: 0) }
        let text = text(of: token)
        let value = Double(text) ?? .nan
        let exact = JSONDecimal(token: text.utf8)
        guard value.isFinite else { throw .inexactNumber(token: text) }
        if rounding == .refused { try check(text, exact, value) }
        append(value, to: &output)
    }

    private static func check(_ text: String, _ exact: JSONDecimal, _ value: Double) throws(JSONCanonicalError) {
        let isPlainInteger = text.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 | 0x20 != UInt8(ascii: "e") }
        if isPlainInteger, Int64(text).map({ $0.magnitude > 1 << 53 }) ?? true { throw .integerTooLarge(token: text) }
        // `2e16` would be written as a plain integer, and that is refused.
        if exact.isInteger, exact.exponent <= mostPlainDigits, value.magnitude > 0x1p53 { throw .integerTooLarge(token: text) }
        guard exact == JSONDecimal(value) else { throw .inexactNumber(token: text) }
    }

    /// Integers of more digits are written with an exponent.
    private static let mostPlainDigits = 21

    /// Whether a token is its own canonical form for sure: an integer or a decimal without exponent, of at most 15 digits, not
    /// zero, not ending in a zero behind the point, not below 0.000001. Doubles carry 15 digits, so no shorter form exists.
    private static func isPlain(_ token: Span<UInt8>) -> Bool {
        guard token.count > 1, token.count <= 15 else { return token.count == 1 }
        var point = token.count
        var firstDigit = token.count
        for index in token.indices {
            switch token[index] {
            case UInt8(ascii: "."): point = index
            case UInt8(ascii: "1")...UInt8(ascii: "9"): firstDigit = min(firstDigit, index)
            case UInt8(ascii: "0"), UInt8(ascii: "-"): break
            default: return false
            }
        }
        let endsWell = point == token.count || token[token.count - 1] != UInt8(ascii: "0")
        return endsWell && firstDigit < token.count && firstDigit - point <= 6
    }

    private static func text(of token: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: token, from: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// ECMA-262, Number::toString, from the shortest digits that give `value` back.
    static func append(_ value: Double, to output: inout [UInt8]) {
        let decimal = JSONDecimal(value)
        if decimal.isZero { return output.append(UInt8(ascii: "0")) }
        if decimal.isNegative { output.append(UInt8(ascii: "-")) }
        let digits = decimal.digits.map { $0 + UInt8(ascii: "0") }
        switch decimal.exponent {
        case digits.count...mostPlainDigits where digits.count <= mostPlainDigits:
            output += digits + zeros(decimal.exponent - digits.count)
        case 1...mostPlainDigits:
            output += digits[..<decimal.exponent] + [UInt8(ascii: ".")] + digits[decimal.exponent...]
        case -5...0:
            output += Array("0.".utf8) + zeros(-decimal.exponent) + digits
        default:
            appendScientific(digits, exponent: decimal.exponent - 1, to: &output)
        }
    }

    private static func appendScientific(_ digits: [UInt8], exponent: Int, to output: inout [UInt8]) {
        output.append(digits[0])
        if digits.count > 1 { output += [UInt8(ascii: ".")] + digits.dropFirst() }
        output += Array((exponent < 0 ? "e-" : "e+").utf8) + Array(String(abs(exponent)).utf8)
    }

    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "0"), count: count) }
}
