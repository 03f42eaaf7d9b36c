/// The descriptors that a name proxy is born with, by number. It opens none but sockets, and what its resolver draws random numbers from.
public enum ProxyDescriptor: Int32, Sendable, CaseIterable {
    /// Messages with the daemon: SOCK_SEQPACKET, one JSON object each.
    case session = 0
    /// The proxy's own spool, O_APPEND and write-only.
    case spool = 1
    /// Lines for people, when it dies.
    case people = 2
    /// `ProxyStart` in a sealed memfd.
    case start = 3
    /// Listens where the server alone can connect to; does not block.
    case listener = 4
    /// The reading end of a pipe whose other end the session's keeper alone has: closed when the proxy is to finish, and with the keeper.
    case keeper = 5
}
