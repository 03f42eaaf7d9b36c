/// A document and the name it is shown by: a path as the caller gave it, or the name of a preset.
public struct PolicySource: Sendable, Hashable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
