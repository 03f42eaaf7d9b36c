import ControlProtocol

/// A policy's text, and where its includes are looked for.
struct FoundPolicy: Sendable, Hashable {
    let text: NamedText
    /// The directory of the file; nil for a shipped policy.
    let directory: String?
}

/// Why there is no such text.
enum PolicyLookupFailure: Error, Sendable, Hashable {
    case unreadable(file: String, error: String)
    /// A name, and the places where it was looked for.
    case unknownName(String, searched: [String])
    /// A name that stands for two policies; nil: the other one is shipped.
    case ambiguousName(String, path: String, other: String?)
}
