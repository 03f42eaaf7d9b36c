import CLinux

/// Whether a unix socket keeps message borders.
public enum SocketKind: Hashable, Sendable {
    /// `SOCK_STREAM`.
    case stream
    /// `SOCK_SEQPACKET`.
    case messages
    /// `SOCK_DGRAM`: without a connection that could break; a receiver whose queue is full takes nothing.
    case datagrams

    var type: Int32 {
        switch self {
        case .stream: CLX_STREAM
        case .messages: CLX_SEQPACKET
        case .datagrams: CLX_DATAGRAM
        }
    }
}
