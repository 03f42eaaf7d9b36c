/// The bytes of a policy or an include, and the name that positions in it carry. Root opens no path that a caller names: the bytes travel.
public struct NamedText: Sendable, Hashable {
    public var name: String
    public var bytes: [UInt8]
    /// Where it was read, absolute and without links, so that no session may write there; nil for what was shipped. Never opened by whoever is asked.
    public var path: String?

    public init(name: String, bytes: [UInt8], path: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.path = path
    }
}
