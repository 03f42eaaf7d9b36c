/// What a policy's author expects of it: run by `sandboxctl check`, and no part of what is permitted.
public struct PolicyTest: Sendable, Hashable {
    public enum Subject: Sendable, Hashable {
        /// A tool and its arguments, an object.
        case call(tool: String, arguments: JSONText)
        /// An act of the server in words, e.g. `connect 192.0.2.1:443`.
        case act(String)
    }

    public var subject: Subject
    /// `forward`, `hold` or `block` of a call; `permitted` or `denied` of an act.
    public var expected: String
    public var location: SourceLocation

    public init(_ subject: Subject, expected: String, location: SourceLocation) {
        self.subject = subject
        self.expected = expected
        self.location = location
    }
}
