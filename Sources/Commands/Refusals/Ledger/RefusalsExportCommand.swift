import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl refusals export`: the refusals ledger for code scanning, for machines, and for reviewers.
enum RefusalsExportCommand {
    static let command = Command(
        "refusals export", "write refused policies as SARIF, as JSON, or as one page",
        options: [
            Option("format", .choice(["sarif", "json", "html"]), "how they are written"),
            Option("output", .value("FILE"), "write them there instead of standard output"),
        ] + RefusalsCommands.filters + [CommandTable.Shared.socket],
        help: """
            `sarif` is for code scanning, such as GitHub's: what is closed is there suppressed, with who and why. The page of `html` needs
            neither network nor script. All have the texts of the policies, and so what these say. The file appears whole or not at
            all, and is yours alone.

            The exit status is 0, 2 when an option or the output is of no use, or 5 when the daemon, or what it keeps, cannot be
            reached.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        guard let format = invocation.value("format") else {
            console.warn(ProblemText.text(("`--format` is missing", "one of `sarif`, `json`, `html`"), console.errorStyle))
            return .usage
        }
        return DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
            let (entries, omitted) = try LedgerSource.ask(invocation) { source throws(DaemonQuestion.Problem) in
                let (listed, omitted) = try source.list()
                var entries: [LedgerEntry] = []
                for summary in LedgerSelection(invocation).of(listed) {
                    if let entry = try shown(summary, source) { entries.append(entry) }
                }
                return (entries, omitted)
            }
            return write(text(entries, omitted, format), to: invocation.value("output"), console)
        }
    }

    /// Nil where it was dropped meanwhile, to make room.
    private static func shown(
        _ summary: RefusalSummary, _ source: LedgerSource
    ) throws(DaemonQuestion.Problem) -> LedgerEntry? {
        do { return try source.show(summary.id) } catch {
            if case .failed(.answered(.noSuchRefusal)) = error { return nil }
            throw error
        }
    }

    private static func text(_ entries: [LedgerEntry], _ omitted: Int64, _ format: String) -> [UInt8] {
        switch format {
        case "sarif": LedgerSARIF.json(entries, directory: CallerEnvironment.workingDirectory ?? "/").encoded() + [UInt8(ascii: "\n")]
        case "html": Array(LedgerHTML.text(entries, omitted: omitted).utf8)
        case _:
            JSON.object(JSONObject([("refusals", .array(entries.map(LedgerJSON.json))), ("omitted", .number(JSONNumber(omitted)))]))
                .encoded()
                + [UInt8(ascii: "\n")]
        }
    }

    private static func write(_ bytes: [UInt8], to path: String?, _ console: Console) -> ExitStatus {
        do throws(ExportProblem) {
            var output = try ExportOutput(path, console)
            try output.write(bytes)
            try output.finish()
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }
}
