/// The bytes of a policy or an include, and the name that positions in it carry. Root opens no path that a caller names: the bytes travel.
public struct NamedText: Sendable, Hashable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
