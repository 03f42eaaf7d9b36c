import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts proof`: what proves one receipt, or a log's growth, to somebody who has the public key and not the log.
enum ReceiptsProofCommand {
    static let command = Command(
        "receipts proof", "prove to others that a log has a receipt, or only grew",
        options: [
            Option("log", .value("DIR"), "the log; without it the daemon's, \(ReceiptPlace.daemonLog)"),
            Option("since", .value("FILE"), "instead of a receipt: that the log goes on from this checkpoint"),
        ],
        arguments: .several("RECEIPT", 0...1),
        help: """
            RECEIPT is its number in the log, or SESSION:NUMBER. The proof holds the receipt, its place and the log's last signed
            checkpoint (a C2SP tlog-proof), and goes to standard output; with `--since` it is the hashes that witnesses of such
            logs take. Nothing is verified here: `receipts verify FILE --key KEY` does that, without the log.

            The exit status is 0, 1 when the receipt is not signed yet, 2 when there is none, 5 when there is no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do {
            console.write(try proof(invocation, console))
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func proof(_ invocation: Invocation, _ console: Console) throws(ProofProblem) -> String {
        let place = ReceiptPlace(log: invocation.value("log"), input: console.input)
        switch (invocation.arguments.first, invocation.value("since")) {
        case (nil, let file?): return try growth(place, since: file)
        case (let subject?, nil): return try receipt(subject, place)
        default: throw .usage
        }
    }

    private static func receipt(_ subject: String, _ place: ReceiptPlace) throws(ProofProblem) -> String {
        let number = try number(subject, place)
        do { return try LogProver(directory: place.directory).receipt(number).text } catch { throw .log(place.directory, error) }
    }

    private static func growth(_ place: ReceiptPlace, since file: String) throws(ProofProblem) -> String {
        guard let known = SmallFile.text(file).flatMap({ Checkpoint(text: $0) }) else { throw .checkpoint(file) }
        do { return try LogProver(directory: place.directory).consistency(since: known).text } catch { throw .log(place.directory, error) }
    }

    /// Of a receipt that is named by its session, the log is asked.
    private static func number(_ subject: String, _ place: ReceiptPlace) throws(ProofProblem) -> UInt64 {
        switch ExplainSubject(subject) {
        case .receipt(let number): return UInt64(number)
        case let subject:
            do throws(ReceiptProblem) {
                guard case .receiptOfSession = subject, let number = try place.receipt(subject)[ReceiptFields.number]?.int64, number >= 0
                else { throw ReceiptProblem.notReceipt }
                return UInt64(number)
            } catch {
                throw .receipt(error)
            }
        }
    }
}

/// Why there is no proof, in words.
private enum ProofProblem: Error {
    case usage
    case checkpoint(String)
    case receipt(ReceiptProblem)
    case log(String, LogProver.Problem)

    var words: (message: String, help: String?) {
        switch self {
        case .usage: ("`receipts proof` takes a receipt, or `--since FILE`", "`sandboxctl receipts proof --help` says how it is used")
        case .checkpoint(let path): ("\(Escaping.quoted(path)) is not a checkpoint", "it is one signed note")
        case .receipt(.notReceipt): ("this is not a receipt", "name it by its number in the log, or SESSION:NUMBER")
        case .receipt(let problem): problem.words
        case .log(let path, .system(let error)):
            ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", "name it with `--log DIR`; \(LogPlace.help)")
        case .log(let path, .unsigned): ("nothing in \(Escaping.quoted(path)) is signed", LogPlace.help)
        case .log(_, .pending(let signed)):
            ("the receipt is not signed yet: \(signed) are", "it will be when its session ends, or sandboxd signs the log the next time")
        case .log(let path, .noSuchReceipt): ReceiptProblem.notInLog(path).words
        case .log(let path, .short(let found)):
            ("\(Escaping.quoted(path)) has only \(found) receipts", "`sandboxctl receipts verify` says what is wrong with it")
        case .log(let path, .removed):
            (
                "retention removed this receipt from \(Escaping.quoted(path)): it is past the time that its session's policy keeps it",
                "the root of its tree is left, which proves nothing of what the receipt said"
            )
        case .log(let path, .unknownCheckpoint):
            (
                "\(Escaping.quoted(path)) has no such checkpoint, and the receipts around its end are removed",
                "`sandboxctl receipts verify --checkpoint FILE` says more"
            )
        }
    }

    var status: ExitStatus {
        switch self {
        case .usage, .checkpoint: .usage
        case .receipt(let problem): problem.status
        case .log(_, .system), .log(_, .unsigned): .unreachable
        case .log(_, .pending), .log(_, .short), .log(_, .removed), .log(_, .unknownCheckpoint): .finding
        case .log(_, .noSuchReceipt): .usage
        }
    }
}
