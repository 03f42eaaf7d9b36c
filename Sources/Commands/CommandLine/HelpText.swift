/// What `--help` prints, made from the table.
enum HelpText {
    static func program(_ table: CommandTable) -> String {
        """
        usage: sandboxctl COMMAND [OPTION]… [ARGUMENT]…

        Runs MCP servers so that a policy is held by a gate and by the Linux kernel, exactly or not at all.

        Commands:
        \(rows(table.commands.map { ($0.name, $0.summary) }))
        Options:
        \(rows(CommandTable.programOptions.map { ($0.usage, $0.summary) }))
        `sandboxctl COMMAND --help` says what a command does.

        """
    }

    static func command(_ command: Command) -> String {
        """
        usage: \(usage(command))

        \(sentence(command.summary)).

        Options:
        \(rows(command.allOptions.map { ($0.usage, $0.summary) }))
        \(command.help)

        """
    }

    /// One line.
    static func usage(_ command: Command) -> String {
        let required = command.options.filter(\.isRequired).map(\.usage)
        let hasOthers = command.options.count > required.count
        return (["sandboxctl", command.name] + required + (hasOthers ? ["[OPTION]…"] : []) + arguments(command)).joined(separator: " ")
    }

    private static func arguments(_ command: Command) -> [String] {
        switch command.arguments {
        case .none: []
        case .one(let word), .several(let word, _): [word]
        case .some(let word): [word + "…"]
        case .trailing(let word): ["[-- \(word)]"]
        case .oneAndTrailing(let word, let trailing): [word, "[-- \(trailing)]"]
        }
    }

    private static func sentence(_ summary: String) -> String {
        summary.prefix(1).uppercased() + summary.dropFirst()
    }

    private static func rows(_ rows: [(String, String)]) -> String {
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
    }
}
