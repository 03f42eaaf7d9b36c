import StrictJSON

/// What a number must be. All of it is exact.
struct SchemaNumberRules: Sendable {
    struct Bound: Sendable {
        let decimal: JSONDecimal
        let short: JSONShortDecimal?

        init(_ number: JSONNumber) {
            decimal = number.decimal
            short = decimal.short
        }
    }

    var minimum: Bound?
    var maximum: Bound?
    var exclusiveMinimum: Bound?
    var exclusiveMaximum: Bound?
    var divisor: Bound?

    func accept(_ value: JSONDecimal) -> Bool {
        if let minimum, value < minimum.decimal { return false }
        if let maximum, maximum.decimal < value { return false }
        if let exclusiveMinimum, !(exclusiveMinimum.decimal < value) { return false }
        if let exclusiveMaximum, !(value < exclusiveMaximum.decimal) { return false }
        if let divisor, !value.isMultiple(of: divisor.decimal) { return false }
        return true
    }
}
