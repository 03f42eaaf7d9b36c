import ControlProtocol
import StrictJSON

/// `sandboxctl approvals approve` and `deny`.
enum ApprovalsDecideCommands {
    static let approve = Command(
        "approvals approve", "permit a call that waits, or what a server asks for, once",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        arguments: .one("ID"),
        help: """
            A call that still waits is made now. One that was answered meanwhile is made when the client makes it again, with the same
            arguments, under the same policy, before the approval expires. Either happens once. The same holds for what a server asks the
            client for: sampling, elicitation, roots.

            Who may decide is the policy's `approvals.by`. Nobody decides from inside a session.

            The exit status is 0, 1 when no such call waits or you may not decide, or 5 when the daemon cannot be reached.
            """,
        run: { invocation, console in
            ApprovalQuestion.perform(console) { () throws(ApprovalQuestion.Problem) in
                try decide(.approve, JSONObject(), invocation, console)
            }
        })

    static let deny = Command(
        "approvals deny", "deny a call that waits, or what a server asks for",
        options: [Option("reason", .value("TEXT"), "why; the model is told"), CommandTable.Shared.json, CommandTable.Shared.socket],
        arguments: .one("ID"),
        help: """
            A call that was answered meanwhile is denied when the client makes it again; the next one after that is asked about anew.

            The exit status is 0, 1 when no such call waits or you may not decide, or 5 when the daemon cannot be reached.
            """,
        run: { invocation, console in
            ApprovalQuestion.perform(console) { () throws(ApprovalQuestion.Problem) in
                let reason: JSONObject = invocation.value("reason").map { ["reason": .string($0)] } ?? JSONObject()
                return try decide(.deny, reason, invocation, console)
            }
        })

    private static func decide(
        _ method: ControlInterface.Method, _ more: JSONObject, _ invocation: Invocation, _ console: Console
    ) throws(ApprovalQuestion.Problem) -> ExitStatus {
        let id = ApprovalQuestion.id(invocation.arguments[0])
        let (reply, source) = try ApprovalQuestion.ask(method, id, more, of: try ApprovalQuestion.sources(invocation))
        guard let waits = reply["waits"]?.bool else { throw .malformed(source: source.name) }
        if invocation.has("json") {
            let json: JSON = ["id": .string(id), "waits": .bool(waits)]
            console.write(json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(
                (reply["message"]?.string == nil ? words(method, id, waits: waits) : messageWords(method, id, waits: waits)) + "\n")
        }
        return .success
    }

    /// Of what a server asks the client for.
    private static func messageWords(_ method: ControlInterface.Method, _ id: String, waits: Bool) -> String {
        switch (method, waits) {
        case (.approve, true): "approved \(id): it is passed on"
        case (.approve, false): "approved \(id): it is passed on when the server asks again, once"
        case (_, true): "denied \(id): the server is told, or the client where it asked within a result"
        case (_, false): "denied \(id): that is told when the server asks again"
        }
    }

    private static func words(_ method: ControlInterface.Method, _ id: String, waits: Bool) -> String {
        switch (method, waits) {
        case (.approve, true): "approved \(id): the call is made"
        case (.approve, false): "approved \(id): the call is made when the client makes it again, once"
        case (_, true): "denied \(id): the client is told"
        case (_, false): "denied \(id): the client is told when it makes the call again"
        }
    }
}
