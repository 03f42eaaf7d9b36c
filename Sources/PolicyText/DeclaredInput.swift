public import Policy

/// An input that a policy declares.
public struct DeclaredInput: Sendable, Hashable {
    public var name: String
    /// As written, with variables; `nil` when a value must be given.
    public var defaultValue: String?
    public var location: SourceLocation
}
