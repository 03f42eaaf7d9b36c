import CLinux

/// Whether a unix socket keeps message borders.
public enum SocketKind: Hashable, Sendable {
    /// `SOCK_STREAM`.
    case stream
    /// `SOCK_SEQPACKET`.
    case messages

    var type: Int32 {
        switch self {
        case .stream: CLX_STREAM
        case .messages: CLX_SEQPACKET
        }
    }
}
