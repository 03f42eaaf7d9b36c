/// What a condition comes to. Unknown applies a rule that denies or asks, and does not apply one that allows.
enum Truth: Sendable, Hashable {
    case `true`, `false`, unknown

    init(_ value: Bool) { self = value ? .true : .false }

    /// False if one is false, else unknown if one is.
    static func && (left: Truth, right: @autoclosure () -> Truth) -> Truth {
        if left == .false { return .false }
        let right = right()
        return left == .true || right == .false ? right : .unknown
    }
}
