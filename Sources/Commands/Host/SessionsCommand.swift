import ControlProtocol
import StrictJSON

/// `sandboxctl sessions`: which sessions run, and who keeps them.
enum SessionsCommand {
    static let command = Command(
        "sessions", "show the sessions that run, and who keeps them",
        options: [
            Option("watch", .flag, "go on: a table that is drawn anew on a terminal, else a line for each change"),
            CommandTable.Shared.json,
            CommandTable.Shared.socket,
        ],
        help: """
            Shown are your own, root and the group sandboxd-auditors see all: those of the system's sandboxd, where there is one, and
            those of your private ones, which are asked one by one. `--socket PATH` asks one alone, `--socket none` the private ones.

            FORWARDED, ASKED and BLOCKED are decisions of the gate, DENIED are acts that the kernel denied, as far as receipts tell of
            them; WAIT are calls that wait for a person. `sessions show ID` says more, `sessions kill ID` ends one. With `--watch`
            all are asked once a second: a session that is shorter may be missed. `receipts follow` misses none.

            The exit status is 0, or 5 when one of them does not answer; the others are shown all the same.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        if invocation.has("watch") { return SessionsWatch.run(invocation, console) }
        let kept = asked(invocation)
        if invocation.has("json") {
            console.write(kept.json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(kept.text(console.columns, console.outputStyle))
        }
        for problem in kept.problems { console.warn(ProblemText.text(problem, console.errorStyle)) }
        return kept.problems.isEmpty ? .success : .unreachable
    }

    static func asked(_ invocation: Invocation) -> KeptSessions {
        let environment = CallerEnvironment.current()
        return KeptSessions(ApprovalSource.Reached(keeping: DaemonChoice(invocation, environment), environment))
    }
}
