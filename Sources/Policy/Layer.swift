/// A document of the host's administrator that tightens the policies it applies to. Absent clauses say nothing.
public struct Layer: Sendable, Hashable {
    public var name: String
    public var location: SourceLocation
    public var appliesTo: AppliesTo
    public var clauses: Clauses

    /// Which sessions a layer is about: where both are given, both must hold; where none is, every session.
    public struct AppliesTo: Sendable, Hashable {
        /// Patterns over the names of policies; `nil` for every policy.
        public var policies: [ToolPattern]?
        /// Names of callers' accounts; `nil` for every caller.
        public var users: [String]?

        public init(policies: [ToolPattern]? = nil, users: [String]? = nil) {
            self.policies = policies
            self.users = users
        }
    }

    public init(name: String, location: SourceLocation, appliesTo: AppliesTo = .init(), clauses: Clauses = .init()) {
        self.name = name
        self.location = location
        self.appliesTo = appliesTo
        self.clauses = clauses
    }
}
