/// What one recvmsg(2) brought: bytes, and descriptors that are closed unless taken.
/// Frozen, so that other targets may move its fields out one by one.
@frozen public struct ReceivedMessage: ~Copyable, Sendable {
    /// Empty exactly when the peer has closed.
    public let bytes: [UInt8]
    /// In the order sent.
    public var descriptors: DescriptorList

    public var isEnd: Bool { bytes.isEmpty }
}
