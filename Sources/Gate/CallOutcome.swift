import MCP

/// What came of a forwarded call.
struct CallOutcome {
    enum Status: String {
        case result, error
        /// The server asks for something before there is a result.
        case inputRequired = "input-required"
        /// The call goes on as a task, whose end has an outcome of its own.
        case task
        /// The task was ended before it had a result.
        case cancelled
        /// The result was of a kind that is not passed on.
        case withheld
        /// What came back was no well-formed response.
        case malformed
        /// The server ended first.
        case lost
    }

    /// The number of the decision.
    let decision: UInt64
    let microseconds: Int64
    let isCancelled: Bool
    let size: Int
    /// What the kernel denied while it was in flight.
    let denials: CallDenials
    var status = Status.lost
    /// The id of the task that the call became.
    var task: [UInt8]?
    /// What the server said last of a task of which nothing more came.
    var taskStatus: TaskState.Status?
    var isError = false
    /// The code of the response as written anew.
    var commitment: [UInt8]?

    init(_ pending: Pending, now: UInt64, size: Int) {
        decision = pending.decision ?? 0
        microseconds = Int64(clamping: (now - min(now, pending.since)) / 1_000)
        isCancelled = pending.isCancelled
        denials = pending.denials
        self.size = size
    }
}
