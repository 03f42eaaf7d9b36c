/// One command of `sandboxctl`: a row of the table from which parsing, help, completions and man pages are made.
struct Command: Sendable {
    /// What may stand beside the options.
    enum Arguments: Sendable, Hashable {
        case none
        case one(String)
        /// At least one.
        case some(String)
        /// So many, shown as they are written here.
        case several(String, ClosedRange<Int>)
        /// After `--`, untouched: the command to run; may be left out.
        case trailing(String)
        /// One, and after `--` a command to run, which may be left out.
        case oneAndTrailing(String, String)
    }

    /// One word, or two (`receipts verify`).
    let name: String
    /// One line; no full stop.
    let summary: String
    let options: [Option]
    let arguments: Arguments
    /// Paragraphs below the options.
    let help: String
    /// `wrap` ends with 125 where others end with 2 and 5: what it runs has statuses of its own.
    let wrapsStatus: Bool
    let run: @Sendable (Invocation, Console) -> ExitStatus

    init(
        _ name: String, _ summary: String, options: [Option] = [], arguments: Arguments = .none, help: String, wrapsStatus: Bool = false,
        run: @escaping @Sendable (Invocation, Console) -> ExitStatus
    ) {
        self.name = name
        self.summary = summary
        self.options = options
        self.arguments = arguments
        self.help = help
        self.wrapsStatus = wrapsStatus
        self.run = run
    }

    /// The table's options, and those that every command takes.
    var allOptions: [Option] { options + [Option("help", .flag, "print this")] }
}
