/// Why a policy will not be enforced on this host. Never empty, never a warning.
public struct Refusal: Error, Sendable, Hashable {
    public let reasons: NonEmpty<Reason>

    public init(_ reasons: NonEmpty<Reason>) { self.reasons = reasons }

    public init(_ first: Reason, _ rest: [Reason] = []) { self.init(NonEmpty(first, rest)) }

    /// Throws when `reasons` has any.
    public static func check(_ reasons: [Reason]) throws(Refusal) {
        if let reasons = NonEmpty(reasons) { throw Refusal(reasons) }
    }
}
