import MCP

/// A request that was forwarded and not answered yet.
struct Pending {
    let method: Method
    let era: Era
    /// Monotonic nanoseconds.
    let since: UInt64
    /// The number of its decision in the spool; nil for what needs none.
    let decision: UInt64?
    let progressToken: RequestID?
    /// The client no longer wants the answer; the id stays taken until the server has given one.
    var isCancelled = false
    /// What the kernel denied meanwhile.
    var denials = CallDenials()

    /// At most so many at a time, cancelled ones included.
    static let limit = 1_024
}
