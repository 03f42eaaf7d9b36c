public import MCP

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
    /// The records of this turn are not in the spool, whose last number is this one.
    case notRecorded(lastNumber: UInt64)
}
