import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts report`: what a log shows, for those who did not write it.
enum ReceiptsReportCommand {
    private static let formats = ["markdown", "json", "html"]

    static let command = Command(
        "receipts report", "verify a log, and say what it shows",
        options: [
            Option("format", .choice(formats), "how it is written; markdown unless said otherwise"),
            Option("output", .value("FILE"), "write it there instead of standard output"),
            Option("key", .value("KEY"), "the public key that the log must be signed by: its text, or a file with it"),
        ] + ReceiptCriteria.Options.ofPeriods,
        arguments: .one("PATH"),
        help: """
            Says first who kept the log and whether all of it verifies; then what was decided, denied and refused, what each claim
            rests on, what the record does not show, and which controls of common frameworks its receipts support. The page of
            `html` needs neither network nor script. The same log gives the same bytes: times are those of its receipts.

            \(LogPlace.paragraph)

            The whole log is verified, whatever the report is narrowed to. Without `--key` it is by the key beside it.

            The exit status is 0, 1 when the log does not verify (the report says so in its first line), 2 when an option or the
            output is of no use, 5 when there is no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(ReportProblem) {
            let making = try ReportMaking(invocation)
            let report = try making.report()
            try write(text(report, invocation.value("format") ?? "markdown"), to: invocation.value("output"), console)
            return report.isVerified ? .success : .finding
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func text(_ report: ReceiptReport, _ format: String) -> String {
        switch format {
        case "html": ReportHTML.text(report)
        case "json": ReportJSON.text(report)
        case _: ReportMarkdown.text(report)
        }
    }

    private static func write(_ text: String, to path: String?, _ console: Console) throws(ReportProblem) {
        guard let path else {
            console.write(text)
            return
        }
        do throws(Errno) {
            try WorkingDirectory().open(path, [.write, .create, .truncate], mode: 0o600).writeWhole(text)
        } catch {
            throw .output(path, error)
        }
    }
}

/// Why there is no report.
enum ReportProblem: Error {
    case criteria(ReceiptCriteria.Problem)
    case key
    case noLog(String, ReceiptSourceError)
    case output(String, Errno)

    var words: (message: String, help: String?) {
        switch self {
        case .criteria(let problem): problem.words
        case .key: ("`--key` is neither a public key nor a file with one", "it looks like `NAME+HASH+KEY`")
        case .noLog(let path, let error): ReceiptLines.unreadable(path, error)
        case .output(let path, let error): ("cannot write \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .criteria, .key, .output: .usage
        case .noLog(_, let error): ReceiptLines.status(error)
        }
    }
}
