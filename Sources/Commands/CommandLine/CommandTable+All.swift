extension CommandTable {
    /// The table.
    static let all = CommandTable(commands: [
        WrapCommand.command, CheckCommand.command, DecideCommand.command, ExplainCommand.command, PlanCommand.command, ProveCommand.command,
        DoctorCommand.command,
        StatusCommand.command, SessionsCommand.command,
        ApprovalsListCommand.command, ApprovalsShowCommand.command, ApprovalsDecideCommands.approve, ApprovalsDecideCommands.deny,
        ApprovalsWatchCommand.command,
        PinsCommands.list, PinsCommands.review, PinsCommands.accept, PinsCommands.reject,
        BudgetsCommands.list, BudgetsCommands.reset,
        ReceiptsVerifyCommand.command, ReceiptsShowCommand.command, ReceiptsProofCommand.command,
        ReceiptsExportCommand.command,
        ReceiptsRotateKeyCommand.command, ReceiptsNewKeyCommand.command,
    ])
}
