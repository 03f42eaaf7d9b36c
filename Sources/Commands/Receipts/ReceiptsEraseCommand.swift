import ControlProtocol
import Descriptors
import Evidence
import Glibc
import StrictJSON

/// `sandboxctl receipts erase`: drops what is kept of a decision's arguments, for good.
enum ReceiptsEraseCommand {
    static let command = Command(
        "receipts erase", "erase the arguments that are kept of a decision",
        options: [
            Option("reason", .value("TEXT"), "why, for whoever reads the log later"),
            Option("log", .value("DIR"), "the log; without it the daemon's, \(ReceiptPlace.daemonLog)"),
            CommandTable.Shared.json, CommandTable.Shared.socket,
        ],
        arguments: .one("RECEIPT"),
        help: """
            \(KeptContentPlace.paragraph)

            The receipt itself stays, and the log still verifies: it holds a keyed code of the arguments, and no part of them. That
            they were erased, when and by whom, is a receipt, which is signed before anything is gone. Of a session that is not
            over nothing is erased: its spool holds the arguments until then. What disks, snapshots and backups keep of deleted
            files is out of reach.

            A log that a running sandboxd keeps is changed by that one, which asks for root; one that none keeps, as that of a
            private session that is over, by whoever may write it.

            The exit status is 0, 1 when nothing was erased, 2 when nothing is kept of it, 5 when there is no log or no daemon.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let place = ReceiptPlace(log: invocation.value("log"), input: console.input)
        do throws(ReceiptProblem) {
            let kept = try KeptContentPlace(invocation.arguments.first ?? "", in: place)
            return erase(kept, place.directory, invocation, console)
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static func erase(_ kept: KeptContentPlace, _ log: String, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(EraseFailure) {
            guard let own = try StoppedLog.erase(kept, in: log, reason: invocation.value("reason")) else {
                return ask(kept, log, invocation, console)
            }
            return say(own, kept, invocation, console)
        } catch {
            let words = ("nothing is erased of receipt \(kept.receipt): \(Escaping.line(error.text))", nil as String?)
            console.warn(ProblemText.text(words, console.errorStyle))
            if case .log = error { return .unreachable }
            return .finding
        }
    }

    /// Whoever keeps the log is asked for it.
    private static func ask(_ kept: KeptContentPlace, _ log: String, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
            let asked = ErasureParameters(
                receipt: Int64(clamping: kept.receipt), log: StoppedLog.name(of: log), reason: invocation.value("reason"))
            let reply = try DaemonQuestion.ask(.eraseContent, asked.encode(), invocation)
            guard let own = reply["receipt"]?.int64, own >= 0 else { throw .malformed }
            return say(UInt64(own), kept, invocation, console)
        }
    }

    private static func say(_ own: UInt64, _ kept: KeptContentPlace, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        if invocation.has("json") {
            let json: JSON = ["erased": JSON(Int64(clamping: kept.receipt)), "receipt": JSON(Int64(clamping: own))]
            console.write(json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write("erased: what was kept of receipt \(kept.receipt), as receipt \(own) tells\n")
        }
        return .success
    }
}
