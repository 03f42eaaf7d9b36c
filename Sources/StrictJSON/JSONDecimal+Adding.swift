extension JSONDecimal {
    /// Zero.
    public static let zero = JSONDecimal(token: CollectionOfOne(UInt8(ascii: "0")))

    /// The exact sum; nil where it would have more than `limit` digits, or where one of the numbers is not modest.
    public func adding(_ other: JSONDecimal, atMost limit: Int = 1_024) -> JSONDecimal? {
        guard isModest, other.isModest else { return nil }
        if isZero { return other }
        if other.isZero { return self }
        let top = max(exponent, other.exponent) + 1
        let bottom = min(exponent - digits.count, other.exponent - other.digits.count)
        guard top - bottom <= limit else { return nil }
        let width = top - bottom
        let (left, right) = (padded(to: width, top), other.padded(to: width, top))
        if isNegative == other.isNegative { return Self.made(Self.sum(left, right), top, isNegative) }
        return left.lexicographicallyPrecedes(right)
            ? Self.made(Self.difference(right, left), top, other.isNegative) : Self.made(Self.difference(left, right), top, isNegative)
    }

    /// The digits of `width` places, of which the first is worth 10^(top-1).
    private func padded(to width: Int, _ top: Int) -> [UInt8] {
        let before = Array(repeating: UInt8(0), count: top - exponent)
        return before + digits + Array(repeating: 0, count: width - before.count - digits.count)
    }

    /// INVARIANT: both begin with a zero, so that nothing is carried out.
    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = left
        var carry: UInt8 = 0
        for index in left.indices.reversed() {
            let digit = left[index] + right[index] + carry
            result[index] = digit % 10
            carry = digit / 10
        }
        return result
    }

    /// INVARIANT: `left` is not less than `right`.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var result = left
        var borrow: UInt8 = 0
        for index in left.indices.reversed() {
            let taken = right[index] + borrow
            borrow = left[index] < taken ? 1 : 0
            result[index] = left[index] + 10 * borrow - taken
        }
        return result
    }

    private static func made(_ digits: [UInt8], _ top: Int, _ isNegative: Bool) -> JSONDecimal {
        let leading = digits.prefix { $0 == 0 }.count
        guard leading < digits.count else { return .zero }
        let trailing = digits.reversed().prefix { $0 == 0 }.count
        return JSONDecimal(isNegative: isNegative, digits: Array(digits[leading..<digits.count - trailing]), exponent: top - leading)
    }

    private init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        let scale = exponent - digits.count
        let text = (isNegative ? "-" : "") + digits.map { String($0) }.joined() + "e\(scale)"
        self.init(token: text.utf8)
    }
}
