import ControlProtocol
import StrictJSON

/// `sandboxctl sessions kill`: ends a session.
enum SessionsKillCommand {
    static let command = Command(
        "sessions kill", "end a session",
        options: [Option("reason", .value("TEXT"), "why, for the record"), CommandTable.Shared.json, CommandTable.Shared.socket],
        arguments: .one("ID"),
        help: """
            Its keeper ends it: every process of the session is dead when this command returns. Your own can be ended by you, those
            of others by root. A receipt says who ended it, and why; where the log takes none, the session is ended all the same,
            and that is said.

            The exit status is 0, 1 when no such session runs, you may not end it, or no receipt says who did, or 5 when a daemon
            does not answer.
            """,
        run: { invocation, console in
            SessionQuestion.perform(console) { () throws(SessionQuestion.Problem) in try kill(invocation, console) }
        })

    /// Nanoseconds until it is over: the keeper's time, and that of whoever kills what it leaves.
    private static let patience: UInt64 = 60_000_000_000

    private static func kill(_ invocation: Invocation, _ console: Console) throws(SessionQuestion.Problem) -> ExitStatus {
        let asked = SessionParameters(session: invocation.arguments[0], reason: invocation.value("reason"))
        let (reply, source) = try SessionQuestion.ask(.killSession, asked, invocation, patience: patience)
        guard let isRecorded = reply["recorded"]?.bool else { throw .malformed(source: source.name) }
        if invocation.has("json") {
            let json: JSON = ["session": .string(asked.session), "recorded": .bool(isRecorded)]
            console.write(json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write("ended \(Escaping.line(asked.session))\n")
        }
        guard isRecorded else {
            console.warn(
                ProblemText.text(("no receipt says who ended it", "`sandboxctl status` says why the log takes none"), console.errorStyle))
            return .finding
        }
        return .success
    }
}
