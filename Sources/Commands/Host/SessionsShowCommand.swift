import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl sessions show`: what one session is, what holds it, and what came of it so far.
enum SessionsShowCommand {
    static let command = Command(
        "sessions show", "show a session: whose it is, what holds it, and what was decided in it",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        arguments: .one("ID"),
        help: """
            Digests name the documents under which it runs: `sandboxctl receipts policy DIGEST` prints them. Counts are what receipts
            tell, within a second or two. \u{201c}lost\u{201d} are acts that the kernel denied and had no room to tell of.

            The exit status is 0, 1 when no such session runs or it is not yours to see, or 5 when a daemon does not answer.
            """,
        run: { invocation, console in
            SessionQuestion.perform(console) { () throws(SessionQuestion.Problem) in try show(invocation, console) }
        })

    private static let patience: UInt64 = 15_000_000_000

    private static func show(_ invocation: Invocation, _ console: Console) throws(SessionQuestion.Problem) -> ExitStatus {
        let (reply, source) = try SessionQuestion.ask(
            .showSession, SessionParameters(session: invocation.arguments[0]), invocation, patience: patience)
        guard let session = SessionSummary(reply["session"]), let details = SessionDetails(reply["facts"]) else {
            throw .malformed(source: source.name)
        }
        if invocation.has("json") {
            console.write(JSON.object(reply).encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(
                SessionText.whole(session, details, at: source.name, now: Int64(Clock.realtime / 1_000_000_000), console.outputStyle))
        }
        return .success
    }
}
