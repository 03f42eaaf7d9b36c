/// A pattern over whole tool names: `*` stands for any run of bytes, everything else for itself. Compared by bytes.
public struct ToolPattern: Sendable, Hashable {
    public let text: String

    /// `nil` when empty.
    public init?(_ text: String) {
        guard !text.utf8.isEmpty else { return nil }
        self.text = text
    }

    /// True when no `*` occurs, so that the pattern is one name.
    public var isLiteral: Bool { !text.utf8.contains(UInt8(ascii: "*")) }

    public static func == (left: ToolPattern, right: ToolPattern) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public func hash(into hasher: inout Hasher) { hasher.combine(Array(text.utf8)) }
}
