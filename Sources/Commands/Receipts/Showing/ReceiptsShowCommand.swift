import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts show`: what a log says, as a table. It does not judge; `receipts verify` does.
enum ReceiptsShowCommand {
    static let command = Command(
        "receipts show", "print receipts as a table",
        options: ReceiptCriteria.Options.all + [
            Option("json", .flag, "print the lines of the log as they are"), CommandTable.Shared.socket,
        ],
        arguments: .several("[PATH]", 0...1),
        help: """
            KIND is one of \(ReceiptKind.allCases.map(\.rawValue).joined(separator: ", ")).

            What came of a decision stands in its row, or has one of its own where it came much later. `pending` is what no
            checkpoint signs yet. `--tool`, `--decision` and `--rule` show the outcomes of those decisions, too, what became of
            those holds, and what the kernel denied meanwhile.

            \(LogPlace.paragraph)
            \(DaemonLog.paragraph)

            Nothing is verified: see `receipts verify`.

            The exit status is 0, 1 when a line is no receipt, 5 when there is no log.
            """,
        run: { DaemonLog.run($0, $1, run) })

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let criteria: ReceiptCriteria
        do { criteria = try ReceiptCriteria(invocation) } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return .usage
        }
        let lines = ReceiptLines(path: invocation.arguments.first ?? ".")
        var showing = ReceiptShowing(criteria, isJSON: invocation.has("json"), signedSize: lines.signedSize, window: 256, console)
        do {
            try lines.read { showing.show($0) }
        } catch {
            console.warn(ProblemText.text(ReceiptLines.unreadable(lines.path, error), console.errorStyle))
            return ReceiptLines.status(error)
        }
        showing.finish()
        return showing.areReceipts ? .success : .finding
    }
}
