/// A server as a client's configuration has it.
public struct ServerEntry: Sendable {
    /// What the client does with it.
    public enum Kind: Sendable {
        /// Starts a program.
        case program(ProgramPlace)
        /// Connects to an address.
        case remote(String)
        /// Something that cannot be wrapped.
        case other(Oddity)
    }

    public enum Oddity: Sendable, Hashable {
        case notATable
        /// It has both a command and an address.
        case commandAndAddress
        /// Neither of them: what a client starts itself.
        case builtIn
        /// The command is empty, or no text.
        case badCommand
        /// The arguments are no list, or not of texts.
        case badArguments
    }

    /// Where it lies: names from the root on, its own the last.
    public let path: [String]
    /// Of which of the user's projects, where a user's file has them.
    public let project: String?
    public let kind: Kind
    public let isEnabled: Bool
    /// Names of the variables that it sets.
    public let environment: [String]
    /// Where its name stands.
    public let offset: Int

    public var name: String { path[path.count - 1] }
}

/// Where the words of a server's command line stand.
public struct ProgramPlace: Sendable {
    enum Form: Sendable {
        /// Names of the table that holds command and arguments: the entry, or one in it.
        case separate(table: [String])
        /// One list of all words.
        case joined(list: [String])
    }

    let form: Form
    /// The command's key: `command`, `path` or `cmd`.
    let commandKey: String
    /// The command line.
    public let words: [String]
}
