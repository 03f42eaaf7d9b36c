import ControlProtocol
import Layers
import Policy
import StrictJSON

/// `sandboxctl reload`: running sessions are held to what policies and layers say now.
enum ReloadCommand {
    static let command = Command(
        "reload", "hold running sessions to what root's policies and layers say now",
        options: [
            Option("dry-run", .flag, "say what would become of each session, and change nothing"), CommandTable.Shared.json,
            CommandTable.Shared.socket,
        ],
        help: """
            Read are all layers, and those policies of /etc/sandboxd/policies that running sessions were started from. One
            document that is refused, and nothing is applied. A session is only ever held to less: what permits more is for
            new ones. What rules, messages, endpoints and limits no longer permit is denied from here on, and connections
            that are no longer permitted are cut. What a running process cannot be held to (files, what it may execute, its
            user, its environment) ends the session: its calls are blocked, and after a while (`sandboxd --drain`) it is
            ended. Of a policy that lay elsewhere a session keeps what it was started with.

            For root. Without the system's sandboxd there is no reload: each session is held to the layers that it found.

            The exit status is 0, 1 when you may not, 3 when a document is refused, or 5 when the daemon cannot be reached.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
            let parameters = ReloadParameters(isDry: invocation.has("dry-run"))
            let reply: JSONObject
            do throws(DaemonQuestion.Problem) { reply = try DaemonQuestion.ask(.reload, parameters.encode(), invocation) } catch {
                guard case .failed(.answered(.refused(let refusal, entry: _))) = error else { throw error }
                let text = RefusalText(source: LayerDirectory.text(of:), style: console.errorStyle).text(refusal.reasons.all)
                console.warn(text)
                console.warn("nothing was applied: running sessions are held to what they were held to before\n")
                return .refused
            }
            guard let report = ReloadReport(reply) else { throw .malformed }
            console.write(invocation.has("json") ? JSON.object(report.json).encoded() + [UInt8(ascii: "\n")] : Array(text(report).utf8))
            return .success
        }
    }

    private static func text(_ report: ReloadReport) -> String {
        var text = report.isDry ? "nothing is changed; this would become of running sessions:\n" : ""
        for session in report.sessions {
            text += "\(Escaping.line(session.id))  \(Escaping.line(session.server)): \(words(session, report))\n"
        }
        if report.omitted > 0 { text += "\(report.omitted) more: unchanged\n" }
        if report.sessions.isEmpty { text += "no session runs\n" }
        return text
    }

    private static func words(_ session: ReloadReport.Session, _ report: ReloadReport) -> String {
        let less = session.tightened.map(Escaping.line).joined(separator: ", "),
            why = session.why.map(Escaping.line).joined(separator: ", ")
        switch session.outcome {
        case .unchanged: return "unchanged"
        case .tightened: return "tightened: \(less)"
        case .draining:
            return "\(report.isDry ? "would be" : "is") ended in \(report.drain) s, and nothing new is let through: \(why)"
        case .ended: return "ended: \(why)"
        }
    }
}
