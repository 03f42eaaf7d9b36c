/// What one read or write of a descriptor came to. Failures are thrown as `Errno`.
public enum Transfer: Hashable, Sendable {
    /// So many bytes, at least one.
    case moved(Int)
    /// Nothing now (`EAGAIN`); wait for readiness.
    case wouldBlock
    /// End of file: the other side closed. Never the answer to a write.
    case ended
}
