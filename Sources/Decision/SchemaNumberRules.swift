import StrictJSON

/// What a number must be. All of it is exact.
struct SchemaNumberRules: Sendable {
    struct Bound: Sendable {
        let decimal: JSONDecimal
        let integer: Int64?

        init(_ number: JSONNumber) {
            decimal = number.decimal
            integer = number.int64
        }
    }

    var minimum: Bound?
    var maximum: Bound?
    var exclusiveMinimum: Bound?
    var exclusiveMaximum: Bound?
    var divisor: Bound?

    func accept(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        if let value = tape.int64(node), let answer = accept(value) { return answer }
        return tape.number(node).map { accept($0.decimal) } ?? true
    }

    /// Nil when a bound is no plain integer.
    private func accept(_ value: Int64) -> Bool? {
        guard hasIntegersOnly else { return nil }
        if let bound = minimum?.integer, value < bound { return false }
        if let bound = maximum?.integer, value > bound { return false }
        if let bound = exclusiveMinimum?.integer, value <= bound { return false }
        if let bound = exclusiveMaximum?.integer, value >= bound { return false }
        if let divisor = divisor?.integer, value % divisor != 0 { return false }
        return true
    }

    private var hasIntegersOnly: Bool {
        isInteger(minimum) && isInteger(maximum) && isInteger(exclusiveMinimum) && isInteger(exclusiveMaximum) && isInteger(divisor)
    }

    private func isInteger(_ bound: Bound?) -> Bool { bound.map { $0.integer != nil } ?? true }

    private func accept(_ value: JSONDecimal) -> Bool {
        if let minimum, value < minimum.decimal { return false }
        if let maximum, maximum.decimal < value { return false }
        if let exclusiveMinimum, !(exclusiveMinimum.decimal < value) { return false }
        if let exclusiveMaximum, !(value < exclusiveMaximum.decimal) { return false }
        if let divisor, !value.isMultiple(of: divisor.decimal) { return false }
        return true
    }
}
