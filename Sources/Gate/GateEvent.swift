public import Decision
public import MCP
public import SessionProtocol

/// An input that is not a whole line.
public enum GateEvent: Sendable, Hashable {
    /// A line beyond the cap, with its beginning; the rest is skipped.
    case tooLong(Side, [UInt8])
    /// Bytes without a line end at the end of a stream.
    case unterminated(Side, [UInt8])
    /// The end of what this side writes.
    case ended(Side)
    /// The server takes no more input.
    case serverInputClosed
    /// A line that the server wrote to its stderr.
    case serverError([UInt8])
    /// What the kernel denied the server since the last time, in its order; and how many records of the ring buffer told of nothing readable.
    case denied([KernelDenial], unreadable: Int)
    /// The ring buffer is none that can be read; nothing more will be told from it.
    case denialsUnreadable
    /// What the daemon says.
    case daemon(DaemonMessage)
    /// What it is held to from here on.
    case sections(GateSections)
    /// Nobody is at the other end of the session socket.
    case daemonLost
    /// What the state asked to be woken for (`nextDue`) is due.
    case due
    /// Denials that wait are to be told now.
    case denialsDue
    /// The records of this turn are not in the spool, whose last number is this one; and why.
    case notRecorded(lastNumber: UInt64, BlockReason)
}
