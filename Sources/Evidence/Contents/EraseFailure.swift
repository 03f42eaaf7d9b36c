/// Why no content was erased. Nothing has changed then, but for `log`: what a receipt says already is finished when the log is opened the next
/// time.
public enum EraseFailure: Error, Hashable, Sendable {
    case noSuchReceipt
    /// Retention removed the receipt, and what was kept of it.
    case removed
    /// Nothing was kept of what this receipt is about.
    case nothingKept
    case erasedBefore
    /// The session's spool is not folded yet, and holds the arguments, too.
    case sessionRuns
    case log(LogError)

    /// For the part of a sentence behind a colon.
    public var text: String {
        switch self {
        case .noSuchReceipt: "the log has no such receipt"
        case .removed: "retention removed the receipt, and what was kept of it"
        case .nothingKept: "nothing is kept of what this receipt is about"
        case .erasedBefore: "it was erased before"
        case .sessionRuns: "its session is not over: the spool holds the arguments until then"
        case .log(let error): error.text
        }
    }
}
