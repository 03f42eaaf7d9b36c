/// What is kept of a session. `nil`: the clause is absent; arguments are then commitments, `process` durability, kept for ever.
public struct EvidenceClause: Sendable, Hashable {
    public enum Arguments: String, Sendable, Hashable, CaseIterable { case commitment, full }
    public enum Durability: String, Sendable, Hashable, CaseIterable { case process, disk }
    public enum Retention: Sendable, Hashable {
        case forever
        case seconds(Int)
    }

    public var arguments: Located<Arguments>?
    public var durability: Located<Durability>?
    public var keep: Located<Retention>?

    public init(arguments: Located<Arguments>? = nil, durability: Located<Durability>? = nil, keep: Located<Retention>? = nil) {
        self.arguments = arguments
        self.durability = durability
        self.keep = keep
    }
}
