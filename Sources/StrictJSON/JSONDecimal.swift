/// The exact decimal value of a number token: `0.digits × 10^exponent`, without leading or trailing zeros.
public struct JSONDecimal: Sendable, Hashable {
    public let isNegative: Bool
    /// Values 0 to 9; empty for zero.
    let digits: [UInt8]
    let exponent: Int

    /// INVARIANT: `token` is of the JSON grammar, or a description of a finite `Double`.
    init(token: some Sequence<UInt8>) {
        var scan = Scan()
        for byte in token { scan.take(byte) }
        let leading = scan.digits.prefix { $0 == 0 }.count
        let trailing = scan.digits.reversed().prefix { $0 == 0 }.count
        let isZero = leading == scan.digits.count
        digits = isZero ? [] : Array(scan.digits[leading..<scan.digits.count - trailing])
        exponent = isZero ? 0 : scan.integerDigits - leading + (scan.negativeExponent ? -scan.exponent : scan.exponent)
        isNegative = scan.isNegative && !isZero
    }

    init(_ value: Double) { self.init(token: value.description.utf8) }

    public var isZero: Bool { digits.isEmpty }

    /// Whether there is no fraction.
    public var isInteger: Bool { exponent >= digits.count }

    private struct Scan {
        var isNegative = false, digits: [UInt8] = [], integerDigits = 0
        var sawPoint = false, sawExponent = false, exponent = 0, negativeExponent = false

        mutating func take(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "-"): if sawExponent { negativeExponent = true } else { isNegative = true }
            case UInt8(ascii: "."): sawPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): sawExponent = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): take(digit: byte - UInt8(ascii: "0"))
            default: break
            }
        }

        private mutating func take(digit: UInt8) {
            if sawExponent {
                exponent = min(exponent * 10 + Int(digit), 1 << 40)
            } else {
                digits.append(digit)
                if !sawPoint { integerDigits += 1 }
            }
        }
    }
}

extension JSONDecimal: Comparable {
    public static func < (left: JSONDecimal, right: JSONDecimal) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? right.magnitudeIsLess(than: left) : left.magnitudeIsLess(than: right)
    }

    private func magnitudeIsLess(than other: JSONDecimal) -> Bool {
        guard !isZero, !other.isZero else { return isZero && !other.isZero }
        guard exponent == other.exponent else { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
