extension CommandTable {
    /// The table.
    static let all: CommandTable = CommandTable(commands: [
        WrapCommand.command, LearnCommand.command, CheckCommand.command, DecideCommand.command, ExplainCommand.command, PlanCommand.command,
        ProveCommand.command,
        ConnectCommand.command, ServeCommand.command, UnitCommand.command, FleetCheckCommand.command,
        ClientsCommand.command, ClientsEditCommands.wrap, ClientsEditCommands.unwrap, PrepareCommand.command,
        DoctorCommand.command,
        StatusCommand.command, SessionsCommand.command, SessionsShowCommand.command, SessionsKillCommand.command, ReloadCommand.command,
        ApprovalsListCommand.command, ApprovalsShowCommand.command, ApprovalsDecideCommands.approve, ApprovalsDecideCommands.deny,
        ApprovalsWatchCommand.command,
        PinsCommands.list, PinsCommands.review, PinsCommands.accept, PinsCommands.reject,
        BudgetsCommands.list, BudgetsCommands.reset,
        RefusalsCommands.list, RefusalsCommands.show, RefusalsCommands.note, RefusalsCommands.close, RefusalsExportCommand.command,
        ReceiptsVerifyCommand.command, ReceiptsProofCommand.command, ReceiptsExportCommand.command,
        ReceiptsShowCommand.command, ReceiptsFollowCommand.command, ReceiptsReportCommand.command, ReceiptsDiffCommand.command,
        ReceiptsRotateKeyCommand.command, ReceiptsNewKeyCommand.command,
        ReceiptsContentCommand.command, ReceiptsEraseCommand.command,
        ReceiptsBundleCommand.command, ReceiptsPolicyCommand.command,
        CompletionsCommand.command, ManualCommand.command,
    ])
}
