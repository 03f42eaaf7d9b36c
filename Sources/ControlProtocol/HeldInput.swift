/// What a connection has received of messages that are not whole yet.
public struct HeldInput: Sendable, Hashable {
    public var bytes: Int
    public var descriptors: Int

    public init(bytes: Int = 0, descriptors: Int = 0) {
        self.bytes = bytes
        self.descriptors = descriptors
    }
}
