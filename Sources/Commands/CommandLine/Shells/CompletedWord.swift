/// What a shell offers where a word is expected.
enum CompletedWord: Sendable, Hashable {
    /// Only whoever types knows it.
    case nothing
    case files
    case directories
    /// Names that `--policy` knows, and files.
    case policies
    /// A program, then whatever it takes.
    case program
    case words([String])

    /// By the word that help shows for it; those in small letters are to be typed.
    init(shownAs word: String) {
        let words = word.split(separator: "|").map(String.init)
        if words.allSatisfy({ $0.allSatisfy(\.isLowercase) }) {
            self = .words(words)
            return
        }
        switch word.prefix(while: \.isLetter) {
        case "FILE", "PATH", "PROFILE", "KEY", "KEYS", "PROFILES", "BEFORE": self = .files
        case "DIR": self = .directories
        case "POLICY", "SUBJECT": self = .policies
        case "COMMAND": self = .program
        default: self = .nothing
        }
    }
}

extension Option {
    /// What may follow it; `nil` for a flag.
    var completed: CompletedWord? {
        switch kind {
        case .flag: nil
        case .value(let word), .values(let word): CompletedWord(shownAs: word)
        case .choice(let words): .words(words)
        }
    }

    var isRepeatable: Bool { if case .values = kind { true } else { false } }
}

extension Command {
    /// What may stand beside the options.
    var completedArguments: CompletedWord {
        switch arguments {
        case .none, .trailing: .nothing
        case .one(let word), .some(let word), .several(let word, _), .oneAndTrailing(let word, _):
            CompletedWord(shownAs: String(word.drop { $0 == "[" }))
        }
    }

    /// Whether a program may follow `--`.
    var runsProgram: Bool {
        switch arguments {
        case .trailing, .oneAndTrailing: true
        case .none, .one, .some, .several: false
        }
    }

    /// One or two.
    var words: [String] { name.split(separator: " ").map(String.init) }
}

extension CommandTable {
    /// The first words, each with what it says of itself: commands of one word, and families.
    var firstWords: [(word: String, summary: String)] {
        var seen: Set<String> = []
        return commands.compactMap { command in
            let word = command.words[0]
            guard seen.insert(word).inserted else { return nil }
            let family = secondWords(of: word)
            return (word, family.isEmpty ? command.summary : family.map(\.word).joined(separator: ", "))
        }
    }

    /// The commands of a family.
    func secondWords(of family: String) -> [(word: String, summary: String)] {
        commands.filter { $0.words.count == 2 && $0.words[0] == family }.map { ($0.words[1], $0.summary) }
    }

    /// First words that are no command of their own.
    var families: [String] { firstWords.map(\.word).filter { command(named: $0) == nil } }
}
