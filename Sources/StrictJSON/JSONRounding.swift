/// What becomes of numbers that a double does not carry exactly, when a canonical form is made.
public enum JSONRounding: Sendable, Hashable {
    /// They are errors: two readers of the canonical form could disagree about the value.
    case refused
    /// The nearest double is taken, as RFC 8785 does.
    case nearest
}
