public import Policy

/// What becomes of a client's connection, to be recorded before it goes on.
public enum ProxyEvent: Sendable, Hashable {
    /// Connected, and nothing is passed on yet.
    case opened(number: UInt64, Target, IPAddress)
    /// Not connected, or not gone on with; `nil` where nobody could read what was asked for.
    case refused(number: UInt64, Target?, ProxyRefusal)
    /// Over: bytes to the server and from it.
    case closed(number: UInt64, sent: UInt64, received: UInt64)
}
