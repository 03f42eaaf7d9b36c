import ControlProtocol
import StrictJSON

/// `sandboxctl sessions`: which sessions run, and who keeps them.
enum SessionsCommand {
    static let command = Command(
        "sessions", "show the sessions that run, and who keeps them",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            Shown are your own, root sees all: those of the system's sandboxd, where there is one, and those of your private
            ones, which are asked one by one. `--socket PATH` asks one alone, `--socket none` the private ones.

            The exit status is 0, or 5 when one of them does not answer; the others are shown all the same.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let environment = CallerEnvironment.current()
        let kept = KeptSessions(ApprovalSource.Reached(keeping: DaemonChoice(invocation, environment), environment))
        if invocation.has("json") {
            console.write(kept.json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(kept.lists.allSatisfy(\.list.sessions.isEmpty) ? "no session runs\n" : kept.text)
        }
        for problem in kept.problems { console.warn(ProblemText.text(problem, console.errorStyle)) }
        return kept.problems.isEmpty ? .success : .unreachable
    }
}
