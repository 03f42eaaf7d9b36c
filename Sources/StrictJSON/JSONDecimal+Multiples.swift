extension JSONDecimal {
    /// Whether the exponent is far from where reading a token stops counting, so that comparisons with any number are exact.
    public var isModest: Bool { exponent.magnitude < 1 << 32 }

    /// Whether `isMultiple` takes this for a divisor: positive, and of at most 18 significant digits.
    public var canDivide: Bool { !isZero && !isNegative && digits.count <= 18 }

    /// Whether the quotient is an integer, exactly. The time taken grows with the digits, not with the exponents.
    ///
    /// Precondition: `divisor.canDivide`.
    public func isMultiple(of divisor: JSONDecimal) -> Bool {
        precondition(divisor.canDivide)
        // Both as integers without trailing zeros, times a power of ten.
        let shift = (exponent - digits.count) - (divisor.exponent - divisor.digits.count)
        guard !isZero else { return true }
        guard shift >= 0 else { return false }
        let modulus = divisor.digits.reduce(0) { $0 * 10 + UInt64($1) }
        let remainder = digits.reduce(0) { ($0 * 10 + UInt64($1)) % modulus }
        return Self.product(remainder, Self.power(ofTen: shift, modulus), modulus) == 0
    }

    private static func power(ofTen exponent: Int, _ modulus: UInt64) -> UInt64 {
        var result = 1 % modulus
        var base = 10 % modulus
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result = product(result, base, modulus) }
            base = product(base, base, modulus)
            rest >>= 1
        }
        return result
    }

    private static func product(_ left: UInt64, _ right: UInt64, _ modulus: UInt64) -> UInt64 {
        modulus.dividingFullWidth(left.multipliedFullWidth(by: right)).remainder
    }
}
