/// One `--name` of a command.
struct Option: Sendable, Hashable {
    /// What follows the name.
    enum Kind: Sendable, Hashable {
        case flag
        /// Shown in help by this word, e.g. `FILE`.
        case value(String)
        /// May stand more than once.
        case values(String)
        /// One of these words.
        case choice([String])
    }

    /// Without the dashes.
    let name: String
    let kind: Kind
    /// One line; no full stop.
    let summary: String
    /// Nothing is done without it; help shows it with the command.
    let isRequired: Bool

    init(_ name: String, _ kind: Kind, _ summary: String, isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.isRequired = isRequired
    }

    var takesValue: Bool { kind != .flag }

    /// `--policy FILE`
    var usage: String {
        switch kind {
        case .flag: "--\(name)"
        case .value(let word), .values(let word): "--\(name) \(word)"
        case .choice(let words): "--\(name) \(words.count > 3 ? name.uppercased() : words.joined(separator: "|"))"
        }
    }
}
