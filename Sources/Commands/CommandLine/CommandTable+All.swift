extension CommandTable {
    /// The table.
    static let all = CommandTable(commands: [
        WrapCommand.command, CheckCommand.command, DoctorCommand.command, StatusCommand.command, ReceiptsVerifyCommand.command,
    ])
}
