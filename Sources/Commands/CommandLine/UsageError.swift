/// A command line that is not understood.
enum UsageError: Error, Sendable, Hashable {
    case noCommand
    case unknownCommand(String)
    /// The first word of several commands stands alone.
    case missingWord(after: String)
    case unknownOption(String, command: String)
    case missingValue(option: String, expected: String)
    case unexpectedValue(option: String)
    case repeated(option: String)
    case badChoice(option: String, value: String, choices: [String])
    case missingArgument(String)
    case unexpectedArgument(String)
    case notText(position: Int)
    /// `--set` without `=`, or twice for one name.
    case badAssignment(String)
    case missingOption(String)
    /// `plan --diff` of what are not two.
    case badComparison
    /// `--set` of an input that none of several policies declares.
    case undeclaredInput(String)
}

extension UsageError {
    /// What went wrong, and what was perhaps meant.
    func message(in table: CommandTable) -> (message: String, help: String?) {
        switch self {
        case .noCommand: ("no command is given", nil)
        case .unknownCommand(let name):
            ("unknown command \(Escaping.quoted(name))", Self.suggestion(name, table.commands.map(\.name)))
        case .missingWord(let first):
            ("`\(first)` is not a whole command", "there are \(Self.family(of: first, table).joined(separator: " and "))")
        case .unknownOption(let name, let command):
            (
                "unknown option \(Escaping.quoted(name))",
                Self.suggestion(name, table.optionNames(of: command)) ?? Self.place(of: name, command, table)
            )
        case .missingValue(let option, let expected): ("`\(option)` needs a value: \(expected)", nil)
        case .unexpectedValue(let option): ("`\(option)` takes no value", nil)
        case .repeated(let option): ("`\(option)` is given twice", nil)
        case .badChoice(let option, let value, let choices):
            ("`\(option)` is \(Self.list(choices)), not \(Escaping.quoted(value))", Self.suggestion(value, choices))
        case .missingArgument(let word): ("\(word) is missing", nil)
        case .unexpectedArgument(let text): ("unexpected argument \(Escaping.quoted(text))", nil)
        case .notText(let position): ("argument \(position) is not UTF-8", nil)
        case .badAssignment(let text): ("`--set` takes INPUT=VALUE once for each input, not \(Escaping.quoted(text))", nil)
        case .missingOption(let option): ("`\(option)` is missing", nil)
        case .undeclaredInput(let name): ("none of these policies declares the input \(Escaping.quoted(name))", nil)
        case .badComparison: ("`--diff` takes two policies and at most one `--host`, or one policy and two of `--host`", nil)
        }
    }

    /// An option that stands before the command it belongs to.
    private static func place(of option: String, _ command: String, _ table: CommandTable) -> String? {
        let isKnown = table.commands.contains { table.optionNames(of: $0.name).contains(option) }
        return command.isEmpty && isKnown ? "options follow the command" : nil
    }

    private static func list(_ choices: [String]) -> String {
        choices.count > 3 ? "one of " + choices.joined(separator: ", ") : choices.joined(separator: " or ")
    }

    private static func family(of first: String, _ table: CommandTable) -> [String] {
        table.commands.map(\.name).filter { $0.hasPrefix(first + " ") }.map { "`\($0)`" }
    }

    private static func suggestion(_ word: String, _ candidates: [String]) -> String? {
        Nearness.nearest(to: word, among: candidates).map { "did you mean `\($0)`?" }
    }
}
