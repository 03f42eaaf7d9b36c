import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts content`: the arguments that are kept of a decision.
enum ReceiptsContentCommand {
    static let command = Command(
        "receipts content", "print the arguments that are kept of a decision",
        options: [Option("log", .value("DIR"), "the log; without it the daemon's, \(ReceiptPlace.daemonLog)")],
        arguments: .one("RECEIPT"),
        help: """
            \(KeptContentPlace.paragraph)

            Arguments are kept where the policy says `evidence: {arguments: full}`, beside the log and not in it. They are printed
            as canonical JSON (RFC 8785), with what rules mask masked. Nothing is verified: see `receipts verify`.

            The exit status is 0, 1 when they were erased or are missing, 2 when none are kept of it, 5 when there is no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let place = ReceiptPlace(log: invocation.value("log"), input: console.input)
        do throws(ReceiptProblem) {
            let kept = try KeptContentPlace(invocation.arguments.first ?? "", in: place)
            guard let content = try content(kept, place.directory) else {
                console.warn(ProblemText.text(missing(kept), console.errorStyle))
                return .finding
            }
            console.write(content + [UInt8(ascii: "\n")])
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func content(_ kept: KeptContentPlace, _ log: String) throws(ReceiptProblem) -> [UInt8]? {
        do throws(Errno) { return try KeptContent.read(log: log, session: kept.session, number: kept.number) } catch {
            throw .unreadableFile("\(kept.session)/\(kept.number)", error)
        }
    }

    private static func missing(_ kept: KeptContentPlace) -> (message: String, help: String?) {
        (
            "what was kept of receipt \(kept.receipt) is not there",
            "`sandboxctl receipts verify` says whether it was erased"
        )
    }
}
