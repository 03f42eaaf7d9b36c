/// What a condition comes to. Unknown applies a rule that denies or asks, and does not apply one that allows.
public enum Truth: Sendable, Hashable {
    case `true`, `false`, unknown

    init(_ value: Bool) { self = value ? .true : .false }

    /// False if one is false, else unknown if one is.
    static func && (left: Truth, right: @autoclosure () -> Truth) -> Truth {
        if left == .false { return .false }
        let right = right()
        return left == .true || right == .false ? right : .unknown
    }

    /// True if one is true, else unknown if one is.
    static func || (left: Truth, right: @autoclosure () -> Truth) -> Truth {
        if left == .true { return .true }
        let right = right()
        return left == .false || right == .true ? right : .unknown
    }

    static prefix func ! (truth: Truth) -> Truth {
        switch truth {
        case .true: .false
        case .false: .true
        case .unknown: .unknown
        }
    }

    /// Whether a count lies between bounds, of whose items some are sure and others may or may not count.
    static func count(sure: Int, unsure: Int, from minimum: Int, to maximum: Int) -> Truth {
        if sure > maximum || sure + unsure < minimum { return .false }
        return sure >= minimum && sure + unsure <= maximum ? .true : .unknown
    }
}
