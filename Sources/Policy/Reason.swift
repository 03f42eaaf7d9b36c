/// One reason why a policy is refused: a code, the place, and facts. Sentences are made at the edge, from these.
public struct Reason: Sendable, Hashable {
    public let code: ReasonCode
    /// `nil` when no line of a text is to blame (the host is, or the caller).
    public let location: SourceLocation?
    /// Named facts; which names a code carries is said at `ReasonCode`.
    public let facts: [String: String]

    public init(_ code: ReasonCode, at location: SourceLocation? = nil, _ facts: [String: String] = [:]) {
        self.code = code
        self.location = location
        self.facts = facts
    }
}
