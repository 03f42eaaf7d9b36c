/// A log that an option names: a directory, a bundle, or `daemon`.
enum NamedLog {
    /// The word for the log that sandboxd keeps, as `receipts show` reads it without PATH.
    static let daemon = "daemon"

    /// Hands the path of the log that `option` names to `body`.
    static func run(_ option: String, _ invocation: Invocation, _ console: Console, _ body: (String) -> ExitStatus) -> ExitStatus {
        let path = invocation.value(option) ?? "."
        guard path == daemon else { return body(path) }
        return DaemonLog.run(invocation, console, named: option, body)
    }
}
