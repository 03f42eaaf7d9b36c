import StrictJSON

/// Which kept content: that of one decision, by its session and its number in the session's spool.
struct ContentName: Hashable, Sendable {
    let session: String
    let number: UInt64

    /// Below the log's directory.
    var path: String { "\(LogFiles.contents)/\(session)/\(number)" }
}
