/// How often a session met its limits, as its cgroups counted it.
public struct LimitsReached: Sendable, Hashable {
    /// Forks and threads that were refused.
    public var tasks = 0
    /// Processes that were killed for want of memory.
    public var memory = 0
    /// Periods in which the share of processor time was used up.
    public var cpu = 0

    public init() {}

    public var isEmpty: Bool { self == LimitsReached() }

    /// What has come since.
    public func since(_ earlier: LimitsReached) -> LimitsReached {
        var since = self
        since.tasks -= earlier.tasks
        since.memory -= earlier.memory
        since.cpu -= earlier.cpu
        return since
    }
}
