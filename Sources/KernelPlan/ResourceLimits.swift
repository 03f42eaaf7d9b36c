/// What the controllers of the server's cgroup hold; `nil`: no limit. Limits are no operations: policy and plan are compared by these values.
public struct ResourceLimits: Sendable, Hashable {
    /// pids.max: threads of all processes together.
    public var tasks: Int?
    /// memory.max in bytes, with memory.swap.max 0.
    public var memory: Int?
    /// cpu.max, in percent of one CPU.
    public var cpu: Int?

    public init(tasks: Int? = nil, memory: Int? = nil, cpu: Int? = nil) {
        self.tasks = tasks
        self.memory = memory
        self.cpu = cpu
    }

    public var isEmpty: Bool { self == ResourceLimits() }
}
