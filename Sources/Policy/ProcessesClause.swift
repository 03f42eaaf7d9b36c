/// What processes the server may make, and what they may use. `nil`: the clause is absent; `spawn` is then none, and the others have no limit.
public struct ProcessesClause: Sendable, Hashable {
    public enum Spawn: String, Sendable, Hashable, CaseIterable {
        /// Threads only.
        case none
        case any
    }

    public var spawn: Located<Spawn>?
    /// Threads of all processes of the session together, at least 1.
    public var tasks: Located<Int>?
    /// Bytes of memory of the session, none of it swapped out.
    public var memory: Located<Int>?
    /// Time of CPUs, in percent of one: 50, or 200 for two whole ones.
    public var cpu: Located<Int>?

    public init(spawn: Located<Spawn>? = nil, tasks: Located<Int>? = nil, memory: Located<Int>? = nil, cpu: Located<Int>? = nil) {
        self.spawn = spawn
        self.tasks = tasks
        self.memory = memory
        self.cpu = cpu
    }
}

extension ProcessesClause {
    /// What an absent clause of a policy means.
    public var spawning: Spawn { spawn?.value ?? .none }
}
