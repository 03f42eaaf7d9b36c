/// Reads a command line against the table.
struct ArgumentReader {
    /// What is to be done.
    enum Reading: Sendable {
        case run(Command, Invocation)
        case help(Command?)
        case version
    }

    private let table: CommandTable
    private var rest: ArraySlice<[UInt8]>
    private let count: Int

    /// `arguments` without the program's name.
    init(_ arguments: [[UInt8]], table: CommandTable) {
        self.table = table
        rest = arguments[...]
        count = arguments.count
    }

    mutating func read() throws(UsageError) -> Reading {
        guard let first = try nextText() else { throw .noCommand }
        switch first {
        case "--help", "-h": return .help(nil)
        case "--version": return .version
        default: break
        }
        if first.hasPrefix("-") { throw .unknownOption(first, command: "") }
        if isFamily(first), let next = rest.first, next.elementsEqual("--help".utf8) || next.elementsEqual("-h".utf8) { return .help(nil) }
        return try read(try command(first))
    }

    /// `receipts`: the first word of several commands.
    private func isFamily(_ first: String) -> Bool {
        table.command(named: first) == nil && table.commands.contains { $0.name.hasPrefix(first + " ") }
    }

    /// Two words, where the table has them, or one.
    private mutating func command(_ first: String) throws(UsageError) -> Command {
        if let command = table.command(named: first) {
            let second = rest.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard let longer = table.command(named: "\(first) \(second)") else { return command }
            rest.removeFirst()
            return longer
        }
        guard isFamily(first) else { throw .unknownCommand(first) }
        guard let second = try nextText(), !second.hasPrefix("-") else { throw .missingWord(after: first) }
        guard let command = table.command(named: "\(first) \(second)") else { throw .unknownCommand("\(first) \(second)") }
        return command
    }

    private mutating func read(_ command: Command) throws(UsageError) -> Reading {
        var invocation = Invocation()
        while let word = rest.first {
            if word.elementsEqual("--".utf8) {
                rest.removeFirst()
                try readTrailing(command, &invocation)
                break
            }
            guard let text = try nextText() else { break }
            if text == "--help" || text == "-h" { return .help(command) }
            if text.hasPrefix("-"), text != "-" {
                try readOption(text, command, &invocation)
            } else {
                try readArgument(text, command, &invocation)
            }
        }
        try checkArguments(command, invocation)
        return .run(command, invocation)
    }

    private mutating func readOption(_ text: String, _ command: Command, _ invocation: inout Invocation) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = command.allOptions.first(where: { "--" + $0.name == parts[0] }) else {
            throw .unknownOption(parts[0], command: command.name)
        }
        let isRepeatable = if case .values = option.kind { true } else { false }
        guard isRepeatable || !invocation.has(option.name) else { throw .repeated(option: parts[0]) }
        guard option.takesValue else {
            guard parts.count == 1 else { throw .unexpectedValue(option: parts[0]) }
            return invocation.add(option: option.name, "")
        }
        let value = parts.count == 2 ? parts[1] : try nextText()
        guard let value else { throw .missingValue(option: parts[0], expected: option.usage) }
        if case .choice(let words) = option.kind, !words.contains(value) {
            throw .badChoice(option: parts[0], value: value, choices: words)
        }
        invocation.add(option: option.name, value)
    }

    private func readArgument(_ text: String, _ command: Command, _ invocation: inout Invocation) throws(UsageError) {
        switch command.arguments {
        case .none, .trailing: throw .unexpectedArgument(text)
        case .one, .oneAndTrailing: guard invocation.arguments.isEmpty else { throw .unexpectedArgument(text) }
        case .several(_, let count): guard invocation.arguments.count < count.upperBound else { throw .unexpectedArgument(text) }
        case .some: break
        }
        invocation.add(argument: text)
    }

    private mutating func readTrailing(_ command: Command, _ invocation: inout Invocation) throws(UsageError) {
        switch command.arguments {
        case .trailing, .oneAndTrailing:
            invocation.trailing = Array(rest)
            rest = []
            return
        case .none, .one, .some, .several: break
        }
        while let text = try nextText() { try readArgument(text, command, &invocation) }
    }

    private func checkArguments(_ command: Command, _ invocation: Invocation) throws(UsageError) {
        switch command.arguments {
        case .none: break
        case .one(let word), .some(let word): if invocation.arguments.isEmpty { throw .missingArgument(word) }
        case .several(let words, let count): if invocation.arguments.count < count.lowerBound { throw .missingArgument(words) }
        case .trailing(let word): if invocation.trailing?.isEmpty == true { throw .missingArgument("\(word) after `--`") }
        case .oneAndTrailing(let word, let trailing):
            if invocation.arguments.isEmpty { throw .missingArgument(word) }
            if invocation.trailing?.isEmpty == true { throw .missingArgument("\(trailing) after `--`") }
        }
    }

    /// The next word as text.
    private mutating func nextText() throws(UsageError) -> String? {
        guard let bytes = rest.popFirst() else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(position: count - rest.count) }
        return text
    }
}
