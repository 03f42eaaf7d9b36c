/// What a condition comes to. Unknown applies a rule that denies or asks, and does not apply one that allows.
enum Truth: Sendable, Hashable {
    case `true`, `false`, unknown

    init(_ value: Bool) { self = value ? .true : .false }
}
