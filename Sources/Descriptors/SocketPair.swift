import CLinux

/// Two connected unix sockets, close-on-exec.
/// Frozen, so that other targets may move its fields out one by one.
@frozen public struct SocketPair: ~Copyable, Sendable {
    public let first: OwnedDescriptor
    public let second: OwnedDescriptor

    /// socketpair(2).
    public init(_ kind: SocketKind, nonBlocking: Bool = false) throws(Errno) {
        var ends: [Int32] = [-1, -1]
        _ = try retryingNegative { clx_unix_pair(kind.type, nonBlocking ? 1 : 0, &ends) }
        first = OwnedDescriptor(owning: ends[0])
        second = OwnedDescriptor(owning: ends[1])
    }
}
