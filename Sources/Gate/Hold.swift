import Decision
import MCP

/// A call that waits for a person, and all that is needed to forward it later.
struct Hold {
    let input: Input
    let meta: RequestMeta
    let rule: RuleID
    var additions: Additions?
    /// The request, written anew from what was judged.
    let line: [UInt8]
    /// What the client's window shows; nil where it cannot be asked.
    var question: Question?
    /// The number of its receipt.
    let record: UInt64
    /// Where the answer belongs when the call was part of a batch.
    let slot: BatchSlot?
    /// Of the request to the daemon.
    var request: Int64
    /// Monotonic nanoseconds after which it waits no longer.
    let due: UInt64
    /// Once somebody can decide about it.
    var approval: String?
    /// When the client is told next that it waits; nil where it did not ask for that.
    var progressDue: UInt64?
    var progress = 0

    /// A question in the client's window.
    struct Question {
        let message: String
        /// Of the gate's own request, once it is sent.
        var id: RequestID?
    }

    /// When something is to be done about it.
    var nextDue: UInt64 { min(due, progressDue ?? .max) }

    /// Nanoseconds between two notices that it waits.
    static let progressInterval: UInt64 = 5_000_000_000
}
