/// A mount namespace of the session's own, arranged before privilege is dropped. Everything not named here is as it is outside.
public struct MountPlan: Sendable, Hashable {
    /// `nil`: the host's tree. Otherwise an empty root with these files bound into it, and nothing else.
    public var only: [String]?
    /// Bound over themselves, read-only. Ascending, as are those below.
    public var readOnly: [String]
    /// Bound over themselves as they are, so that they cannot be renamed or removed.
    public var pinned: [String]
    /// Empty directories of the session's own, in memory.
    public var temporary: [String]
    /// /proc shows the session's own processes, and nothing else.
    public var hasOwnProc: Bool

    public init(
        only: [String]? = nil, readOnly: [String] = [], pinned: [String] = [], temporary: [String] = [], hasOwnProc: Bool = false
    ) {
        self.only = only
        self.readOnly = readOnly
        self.pinned = pinned
        self.temporary = temporary
        self.hasOwnProc = hasOwnProc
    }

    /// Nothing that would need a namespace.
    public var isEmpty: Bool { self == MountPlan() }
}
