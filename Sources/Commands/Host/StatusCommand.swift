import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl status`: which daemon answers, how its log is, and which private ones run besides.
enum StatusCommand {
    static let command = Command(
        "status", "show which daemon answers, and how its log is",
        options: [CommandTable.Shared.socket],
        help: """
            Of the log is said how many receipts it has, how many of them are pending (not yet under a signed checkpoint), and who
            else keeps its checkpoints: the journal, syslog, or nobody (`second custody: absent`). Named are also your private
            daemons that run, each with its session; `sandboxctl sessions` shows more.

            The exit status is 0 when one answers, 1 when it cannot write its log, 5 when none answers.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let environment = CallerEnvironment.current()
        do {
            let choice = DaemonChoice(invocation, environment)
            var daemon = try DaemonConnection(choice, environment)
            let name = daemon.name
            let isFallback = daemon.isFallback
            let log = askedLog(&daemon)
            daemon.finish()
            console.write(
                isFallback
                    ? "no sandboxd at \(Escaping.quoted(DaemonChoice.systemSocket)); a private one answers\n"
                    : "sandboxd answers at \(Escaping.quoted(name))\n")
            console.write(text(log))
            tellPrivate(choice, environment, console)
            return log.map { $0.fault == nil } ?? true ? .success : .finding
        } catch {
            console.warn(ProblemText.text((error.words.message, error.words.help), console.errorStyle))
            return .unreachable
        }
    }

    /// `nil` where it does not say.
    private static func askedLog(_ daemon: inout DaemonConnection) -> LogSummary? {
        let reply = try? daemon.client.call(.describeLog, ControlMessage(), deadline: Clock.monotonic + patience).parameters
        return reply?["log"].flatMap(LogSummary.init)
    }

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000

    private static func text(_ log: LogSummary?) -> String {
        guard let log else { return "log: not told; sandboxctl and sandboxd may be of different versions\n" }
        let pending = max(0, log.receipts - log.signed)
        let state = log.fault.map { "cannot be written: \(ErrnoWords.text($0))" } ?? "\(log.receipts) receipts, \(pending) of them pending"
        return "log: \(state)\nsecond custody: \(log.secondCustody.rawValue)\n"
    }

    private static func tellPrivate(_ choice: DaemonChoice, _ environment: CallerEnvironment, _ console: Console) {
        if case .socket = choice { return }
        let kept = KeptSessions(ApprovalSource.Reached(personal: environment))
        for one in kept.lists {
            for session in one.list.sessions { console.write("\(one.keeper), keeps a session of \(Escaping.quoted(session.server))\n") }
        }
        for problem in kept.problems { console.warn(ProblemText.text(problem, console.errorStyle)) }
    }
}
