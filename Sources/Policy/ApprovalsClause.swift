/// Who may approve what is held, and how long it waits. `nil`: the clause is absent.
public struct ApprovalsClause: Sendable, Hashable {
    public enum Approver: Sendable, Hashable {
        /// Whoever runs the session.
        case caller
        case group(String)
        case user(String)
    }

    /// Never empty.
    public var by: [Located<Approver>]?
    /// Seconds that a grant is good for.
    public var within: Located<Int>?
    /// Seconds that a call waits in line.
    public var wait: Located<Int>?

    public init(by: [Located<Approver>]? = nil, within: Located<Int>? = nil, wait: Located<Int>? = nil) {
        self.by = by
        self.within = within
        self.wait = wait
    }
}
