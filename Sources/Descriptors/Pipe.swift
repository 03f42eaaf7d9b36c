import CLinux

/// Both ends of a pipe, close-on-exec.
/// Frozen, so that other targets may move its fields out one by one.
@frozen public struct Pipe: ~Copyable, Sendable {
    public let reader: OwnedDescriptor
    public let writer: OwnedDescriptor

    /// pipe2(2).
    public init(nonBlocking: Bool = false) throws(Errno) {
        var ends: [Int32] = [-1, -1]
        _ = try retryingNegative { clx_pipe(&ends, nonBlocking ? 1 : 0) }
        reader = OwnedDescriptor(owning: ends[0])
        writer = OwnedDescriptor(owning: ends[1])
    }
}
