/// How much of a document is read before it is refused.
public struct JSONLimits: Sendable, Hashable {
    /// Levels of arrays and objects; a document with one level more is refused. At most 1,024.
    public var depth: Int
    /// Nodes in all: each value and each member name counts one.
    public var members: Int
    /// Bytes in all.
    public var bytes: Int

    public init(depth: Int = 64, members: Int = 65_536, bytes: Int = 1 << 20) {
        self.depth = min(depth, Self.deepest)
        self.members = members
        self.bytes = min(bytes, Int(UInt32.max) - 1)
    }

    /// 64 levels, 65,536 nodes, 1 MiB.
    public static let standard = JSONLimits()

    /// What trees may be deep without endangering the stack.
    static let deepest = 1_024
}
