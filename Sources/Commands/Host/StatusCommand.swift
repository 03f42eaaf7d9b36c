import ControlProtocol
import Descriptors
import KernelPlan
import StrictJSON

/// `sandboxctl status`: which daemon answers, how it and its log are, what goes on, and which private ones run besides.
enum StatusCommand {
    static let command = Command(
        "status", "show which daemon answers, how its log is, and what goes on",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            Of the log is said how many receipts it has, how many of them are pending (not yet under a signed checkpoint), and who
            else keeps its checkpoints: the journal, syslog, or nobody (`second custody: absent`). Of the store is said which it is, and
            why it cannot be used, where it cannot. Sessions, what waits for a person, refusals that are open and what was denied last
            are your own; root and the group sandboxd-auditors see all. Named are also your private daemons that run, each with its
            session; `sandboxctl sessions` shows more.

            The exit status is 0 when one answers, 1 when it cannot write its log or use its store, 5 when none answers.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let environment = CallerEnvironment.current()
        do {
            let choice = DaemonChoice(invocation, environment)
            var daemon = try DaemonConnection(choice, environment)
            let place = (name: daemon.name, isFallback: daemon.isFallback)
            let status = asked(&daemon)
            daemon.finish()
            let kept = personal(choice, environment)
            if invocation.has("json") {
                console.write(json(place, status, kept).encoded() + [UInt8(ascii: "\n")])
            } else {
                console.write(StatusText.text(place, status, kept, width: console.columns, console.outputStyle))
            }
            for problem in kept?.problems ?? [] { console.warn(ProblemText.text(problem, console.errorStyle)) }
            return status.map { $0.log.fault == nil && $0.store.fault == nil } ?? true ? .success : .finding
        } catch {
            console.warn(ProblemText.text((error.words.message, error.words.help), console.errorStyle))
            return .unreachable
        }
    }

    /// `nil` where it does not say.
    private static func asked(_ daemon: inout DaemonConnection) -> DaemonStatus? {
        try? DaemonStatus(try daemon.client.call(.status, ControlMessage(), deadline: Clock.monotonic + patience))
    }

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000

    /// nil where one was named.
    private static func personal(_ choice: DaemonChoice, _ environment: CallerEnvironment) -> KeptSessions? {
        if case .socket = choice { return nil }
        return KeptSessions(ApprovalSource.Reached(personal: environment))
    }

    private static func json(_ place: (name: String, isFallback: Bool), _ status: DaemonStatus?, _ kept: KeptSessions?) -> JSON {
        [
            "daemon": .string(place.name), "fallback": .bool(place.isFallback), "status": status.map { .object($0.parameters) } ?? .null,
            "private": kept?.json["sessions"] ?? [],
        ]
    }
}
