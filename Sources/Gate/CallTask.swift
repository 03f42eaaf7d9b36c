import Decision
import MCP

/// A call that goes on as a task: what was decided about it holds for all that comes of it.
struct CallTask {
    /// What permitted a call that may be answered with a task, and which tool it is of.
    struct Origin {
        let rule: RuleID
        let tool: [UInt8]
    }

    /// What the server asks for while it works.
    struct Question {
        let method: Method
        /// SHA-256 of all of it: under its name nothing else is asked.
        let digest: [UInt8]
        /// The number of its receipt.
        let record: UInt64
        /// An answer to it may be sent.
        var isOpen = true
    }

    /// The call as it was forwarded.
    var call: Pending
    let origin: Origin
    /// The number of the receipt that says that it became a task.
    let record: UInt64
    /// As the server said last; one that is final stays.
    var status: TaskState.Status
    /// By the server's names.
    var questions: [[UInt8]: Question] = [:]
    /// SHA-256 of the result or error, once it was passed on.
    var told: [UInt8]?
    /// The number of the receipt of its outcome.
    var settled: UInt64?

    init(_ call: Pending, _ origin: Origin, record: UInt64, status: TaskState.Status) {
        self.call = call
        self.origin = origin
        self.record = record
        self.status = status
    }

    /// The server may still be at it.
    var isRunning: Bool { settled == nil && !status.isFinal }

    /// In one message of a server.
    static let mostQuestions = 64
}
