import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl approvals show`: all that there is to judge a call by.
enum ApprovalsShowCommand {
    static let command = Command(
        "approvals show", "show a call that waits for a person, with its arguments",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        arguments: .one("ID"),
        help: """
            Arguments are what the rule judged, in canonical order; control, invisible and bidirectional characters are written as
            \\u{…}. Behind them stands what differs from the last call of that tool that was approved, if there was one since the
            daemon started. The client is the process that started the session, as it was seen then.

            The exit status is 0, 1 when no such call waits, or 5 when the daemon cannot be reached.
            """,
        run: { invocation, console in
            ApprovalQuestion.perform(console) { () throws(ApprovalQuestion.Problem) in try show(invocation, console) }
        })

    private static func show(_ invocation: Invocation, _ console: Console) throws(ApprovalQuestion.Problem) -> ExitStatus {
        let id = ApprovalQuestion.id(invocation.arguments[0])
        let (reply, source) = try ApprovalQuestion.ask(.showApproval, id, of: try ApprovalQuestion.sources(invocation))
        guard let summary = ApprovalSummary(reply["approval"]), let arguments = reply["arguments"]?.string else {
            throw .malformed(source: source.name)
        }
        if invocation.has("json") {
            console.write(JSON.object(reply).encoded() + [UInt8(ascii: "\n")])
        } else {
            let now = Int64(Clock.realtime / 1_000_000_000)
            console.write(
                ApprovalText.whole(summary, arguments, lastApproved: reply["lastApproved"]?.string, now: now, console.outputStyle))
        }
        return .success
    }
}
