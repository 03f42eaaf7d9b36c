/// A number of at most 18 digits, written without an exponent: it is read and compared exactly without allocating anything.
public struct JSONShortDecimal: Sendable {
    /// The value times 10^`scale`.
    private let coefficient: Int64
    /// 0 to 18
    private let scale: Int

    private static let mostDigits = 18

    /// Nil when the token, which is of the JSON grammar, is not short.
    init?(token: Span<UInt8>) {
        var value: Int64 = 0
        var digits = 0
        var point: Int?
        let isNegative = token[0] == UInt8(ascii: "-")
        for index in (isNegative ? 1 : 0)..<token.count {
            let digit = token[index] &- UInt8(ascii: "0")
            if digit < 10 {
                guard digits < Self.mostDigits else { return nil }
                value = value &* 10 &+ Int64(digit)
                digits += 1
            } else {
                guard token[index] == UInt8(ascii: ".") else { return nil }
                point = digits
            }
        }
        coefficient = isNegative ? -value : value
        scale = point.map { digits - $0 } ?? 0
    }

    fileprivate init(coefficient: Int64, scale: Int) {
        self.coefficient = coefficient
        self.scale = scale
    }

    public var isZero: Bool { coefficient == 0 }

    /// Whether there is no fraction.
    public var isInteger: Bool { scale == 0 || Int128(coefficient) % Self.power(scale) == 0 }

    /// Whether the quotient is an integer, exactly.
    ///
    /// Precondition: the divisor is not zero.
    public func isMultiple(of divisor: JSONShortDecimal) -> Bool {
        guard scale | divisor.scale != 0 else { return coefficient % divisor.coefficient == 0 }
        return scaled(to: divisor) % divisor.scaled(to: self) == 0
    }

    /// The coefficient at the finer of both scales: below 10^36.
    private func scaled(to other: JSONShortDecimal) -> Int128 { Int128(coefficient) * Self.power(max(0, other.scale - scale)) }

    private static func power(_ exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<exponent { result *= 10 }
        return result
    }
}

extension JSONShortDecimal: Comparable {
    public static func == (left: JSONShortDecimal, right: JSONShortDecimal) -> Bool {
        left.scale == right.scale ? left.coefficient == right.coefficient : left.scaled(to: right) == right.scaled(to: left)
    }

    public static func < (left: JSONShortDecimal, right: JSONShortDecimal) -> Bool {
        left.scale == right.scale ? left.coefficient < right.coefficient : left.scaled(to: right) < right.scaled(to: left)
    }
}

extension JSONDecimal {
    /// The same value with few digits, where it has them.
    public var short: JSONShortDecimal? {
        // All digits before the point and all after it.
        let integers = max(exponent, 0), fractions = max(digits.count - exponent, 0)
        guard isModest, integers + fractions <= 18 else { return nil }
        var coefficient = digits.reduce(0) { $0 * 10 + Int64($1) }
        for _ in 0..<max(exponent - digits.count, 0) { coefficient *= 10 }
        return JSONShortDecimal(coefficient: isNegative ? -coefficient : coefficient, scale: fractions)
    }
}

extension JSONTape {
    /// A short number, or nil for any other and for anything else.
    public func shortDecimal(_ node: JSONNode) -> JSONShortDecimal? {
        guard kind(of: node) == .number else { return nil }
        return JSONShortDecimal(token: source.span.extracting(range(of: node)))
    }
}
