/// A command line that begins with sandboxctl, read as far as a list of clients needs it.
public struct WrappedCommand: Sendable, Hashable {
    public enum Verb: Sendable, Hashable {
        /// Under this policy.
        case wrap(policy: String)
        /// To an instance that systemd runs.
        case connect(String)
    }

    /// The program, as it is written.
    public let program: String
    public let verb: Verb
    /// What is started: the words behind `--`. Empty where the policy says it, and for `connect`.
    public let command: [String]
    /// How many words stand before these.
    let prefixCount: Int
    /// `--policy=P`: the entry had no list of arguments, so that unwrapping takes it away. The one thing that `wrap` and `unwrap` tell each other,
    /// by a form that clients keep when they write their files anew.
    let addedList: Bool

    public init?(_ words: [String]) {
        guard words.count > 2, Self.isProgram(words[0]) else { return nil }
        program = words[0]
        switch words[1] {
        case "connect":
            guard words.count == 3, !words[2].hasPrefix("-") else { return nil }
            verb = .connect(words[2])
            (command, prefixCount, addedList) = ([], words.count, false)
        case "wrap":
            guard let options = WrapOptions(words[2...]) else { return nil }
            verb = .wrap(policy: options.policy)
            (command, prefixCount, addedList) = (Array(words[options.end...]), options.end, options.isJoined)
        default: return nil
        }
    }

    private static func isProgram(_ word: String) -> Bool { word == "sandboxctl" || word.hasSuffix("/sandboxctl") }
}

/// What stands between `wrap` and the server's own words, read as `wrap` itself reads it.
private struct WrapOptions {
    private(set) var policy = ""
    /// Whether it is written `--policy=P`.
    private(set) var isJoined = false
    /// Of the first word that is the server's.
    private(set) var end: Int

    /// nil for what `wrap` would not take.
    init?(_ words: ArraySlice<String>) {
        var rest = words
        var found: String?
        while let word = rest.popFirst(), word != "--" {
            if word == "--quiet" { continue }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard ["--policy", "--name", "--set", "--user", "--socket"].contains(parts[0]) else { return nil }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else { return nil }
            guard parts[0] == "--policy" else { continue }
            guard found == nil else { return nil }
            (found, isJoined) = (value, parts.count == 2)
        }
        guard let found else { return nil }
        policy = found
        end = rest.startIndex
    }
}

/// What is put before a server's command line.
public struct Wrapping: Sendable, Hashable {
    /// Of this sandboxctl; absolute.
    public let program: String
    public let policy: String
    /// What the session is called.
    public let name: String
    /// `INPUT=VALUE` each.
    public let inputs: [String]

    public init(program: String, policy: String, name: String, inputs: [String]) {
        self.program = program
        self.policy = policy
        self.name = name
        self.inputs = inputs
    }

    /// Behind the program, up to and with `--`.
    func words(addingList: Bool) -> [String] {
        let policy = addingList ? ["--policy=\(policy)"] : ["--policy", policy]
        return ["wrap"] + policy + ["--name", name] + inputs.flatMap { ["--set", $0] } + ["--"]
    }
}
