import MCP
import Policy

/// What is known of an input when something is decided about it.
struct Input {
    let side: Side
    var id: RequestID?
    var method: Method?
    var era = Era.legacy
    /// Somebody may wait for an answer.
    var wantsAnswer = true
    /// Bytes received.
    let size: Int
    /// Under the session's key, over the canonical arguments.
    var commitment: [UInt8]?
    /// What is to be kept of the arguments, in canonical JSON and with values masked, and its code under the same key.
    var content: Content?
    /// The same over the answers to what the server asked for.
    var responses: [UInt8]?
    /// Of a question within a result, and of a request about a task: the decision about the request that it belongs to.
    var within: UInt64?
    /// Of a request about a task: its id.
    var task: [UInt8]?
    /// Of a call: it may be answered with a task.
    var takesTask = false
    /// Of a request whose answer is not passed on: what the server asks for in it, where a person had to decide about that.
    var asked: Method?
    /// The prompt's or tool's name, or the unknown method's: bytes as received, decoded.
    var name: [UInt8] = []

    /// Other arguments of the same tool might be allowed.
    var argumentsMatter = false
    /// The request was forwarded, and it is its answer that does not come.
    var wasMade = false

    /// What rules say of it, for receipts.
    var labels: [Rule.Label] = []
    /// How many values the server does not see.
    var masked = 0
    /// It is answered as if the tool did not exist.
    var isHidden = false

    struct Content {
        let bytes: [UInt8]
        let code: [UInt8]
    }

    var isCall: Bool { method == .callTool && side == .client }
}
