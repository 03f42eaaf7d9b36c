extension JSONDecimal {
    /// A number token of this value: plain where that takes few digits, else with an exponent.
    public var text: String {
        let scale = exponent - digits.count
        let written = digits.map { String($0) }.joined()
        let sign = isNegative ? "-" : ""
        if isZero { return "0" }
        if scale >= 0, exponent <= Self.longestPlain { return sign + written + String(repeating: "0", count: scale) }
        if exponent > 0, exponent < digits.count { return sign + written.prefix(exponent) + "." + written.dropFirst(exponent) }
        if exponent <= 0, -exponent <= Self.longestPlain { return sign + "0." + String(repeating: "0", count: -exponent) + written }
        return sign + written + "e\(scale)"
    }

    /// Zeros that are written out.
    private static let longestPlain = 32

    /// The same amount, taken away.
    public var negated: JSONDecimal { JSONDecimal(token: (isNegative ? String(text.dropFirst()) : "-" + text).utf8) }
}
