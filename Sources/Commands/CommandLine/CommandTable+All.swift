extension CommandTable {
    /// The table.
    static let all = CommandTable(commands: [
        WrapCommand.command, DoctorCommand.command, StatusCommand.command, ReceiptsVerifyCommand.command,
    ])
}
