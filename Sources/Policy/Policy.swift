/// What one session may do: resolved, variables expanded, each path carrying what was found. A value; two equal policies permit the same.
///
/// Absent clauses permit nothing. `policy.egress` is `policy.clauses.egress`.
@dynamicMemberLookup
public struct Policy: Sendable, Hashable {
    public var name: String
    public var description: String?
    /// Where the document begins; reasons without a better place point here.
    public var location: SourceLocation
    public var clauses: Clauses

    public init(name: String, description: String? = nil, location: SourceLocation, clauses: Clauses = .init()) {
        self.name = name
        self.description = description
        self.location = location
        self.clauses = clauses
    }

    public subscript<Clause>(dynamicMember clause: WritableKeyPath<Clauses, Clause>) -> Clause {
        get { clauses[keyPath: clause] }
        set { clauses[keyPath: clause] = newValue }
    }
}
