import ControlProtocol

/// `sandboxctl status`: which daemon answers, and which private ones run besides.
enum StatusCommand {
    static let command = Command(
        "status", "show which daemon answers",
        options: [CommandTable.Shared.socket],
        help: """
            Named are also your private ones that run, each with its session; `sandboxctl sessions` shows more.

            The exit status is 0 when one answers, 5 when none does.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let environment = CallerEnvironment.current()
        do {
            let choice = DaemonChoice(invocation, environment)
            let daemon = try DaemonConnection(choice, environment)
            let name = daemon.name
            let isFallback = daemon.isFallback
            daemon.finish()
            console.write(
                isFallback
                    ? "no sandboxd at \(Escaping.quoted(DaemonChoice.systemSocket)); a private one answers\n"
                    : "sandboxd answers at \(Escaping.quoted(name))\n")
            tellPrivate(choice, environment, console)
            return .success
        } catch {
            console.warn(ProblemText.text((error.words.message, error.words.help), console.errorStyle))
            return .unreachable
        }
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
