extension CommandTable {
    /// The table.
    static let all = CommandTable(commands: [WrapCommand.command])
}
