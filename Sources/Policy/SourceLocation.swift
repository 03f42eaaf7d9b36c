/// A place in a text that a person wrote: what a diagnostic points at.
public struct SourceLocation: Sendable, Hashable {
    /// The name of the document as the caller gave it (a path, or a preset's name).
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int
    /// Scalars that the caret underlines; at least 1.
    public var length: Int

    public init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
    }
}
