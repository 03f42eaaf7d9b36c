/// Why a value has no canonical form here. Both kinds say: send it as a string.
public enum JSONCanonicalError: Error, Sendable, Hashable {
    /// An integer beyond ±2^53.
    case integerTooLarge(token: String)
    /// A number whose digits a double does not give back, or that overflows or underflows.
    case inexactNumber(token: String)
}
