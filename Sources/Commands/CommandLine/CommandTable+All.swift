extension CommandTable {
    /// The table.
    static let all = CommandTable(commands: [
        WrapCommand.command, CheckCommand.command, DecideCommand.command, ExplainCommand.command, PlanCommand.command, ProveCommand.command,
        DoctorCommand.command,
        StatusCommand.command,
        ReceiptsVerifyCommand.command, ReceiptsShowCommand.command,
    ])
}
