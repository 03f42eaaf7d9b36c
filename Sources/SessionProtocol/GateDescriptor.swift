/// The descriptors that a gate is born with, by number. It opens none itself.
public enum GateDescriptor: Int32, Sendable, CaseIterable {
    /// Messages with the daemon: SOCK_SEQPACKET, one JSON object each.
    case session = 0
    /// The session's spool, O_APPEND and write-only.
    case spool = 1
    /// Lines for people; the client's stderr, shared with others: never O_NONBLOCK.
    case people = 2
    /// `GateStart` in a sealed memfd.
    case start = 3
    /// What the client writes; shared with others: never O_NONBLOCK.
    case fromClient = 4
    /// What the client reads; shared with others: never O_NONBLOCK.
    case toClient = 5
    /// The server's stdin; a pipe of the session's own.
    case toServer = 6
    /// The server's stdout; a pipe of the session's own.
    case fromServer = 7
    /// The server's stderr; a pipe of the session's own.
    case serverErrors = 8
    /// A pidfd of the session's keeper: readable once it is dead, and with it whoever would end the session.
    case keeper = 9
    /// The ring buffer of what the kernel denies; only where `GateStart` says how large it is.
    case denials = 10

    /// Those that every gate has.
    public static let always = allCases.filter { $0 != .denials }
}
