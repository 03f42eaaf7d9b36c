/// What `sandboxctl` ends with. The statuses of a wrapped server lie beside these.
struct ExitStatus: Sendable, Hashable {
    let code: Int32

    init(_ code: Int32) { self.code = code }

    static let success = ExitStatus(0)
    /// Something was found that should not be: a broken log, a failed expectation.
    static let finding = ExitStatus(1)
    static let usage = ExitStatus(2)
    static let refused = ExitStatus(3)
    /// The daemon or its state cannot be reached.
    static let unreachable = ExitStatus(5)
    /// `wrap`: refused or not launched.
    static let notLaunched = ExitStatus(125)
    /// `connect`: the connection was lost before it was said how the server ended; 255 as with ssh(1).
    static let lost = ExitStatus(255)
    /// `wrap`: the command cannot be executed.
    static let notExecutable = ExitStatus(126)
    /// `wrap`: there is no such command.
    static let notFound = ExitStatus(127)
}
