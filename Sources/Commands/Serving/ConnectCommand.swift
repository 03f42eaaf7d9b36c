import Descriptors
import EventLoop
import Glibc

/// `sandboxctl connect`: the stdio command of client configurations for an instance that systemd runs.
enum ConnectCommand {
    static let command = Command(
        "connect", "be the stdio of an MCP server that systemd runs (mcp@NAME.service)",
        arguments: .one("NAME"),
        help: """
            NAME is an instance of mcp@.socket, or the path of such a socket. Connecting starts a session of its own; stdin and
            stdout are its MCP stream, and the end of stdin is passed on. The server's stderr is in the journal of
            mcp@NAME.service.

            The exit status is what `wrap` ends with: the server's; 125 when the policy is refused, nothing was launched or
            nobody serves there, 126 when the command cannot be executed, 127 when it is not found, 128+N when the server died of
            signal N. It is 255 when the connection was lost before the service said how the server ended. A refusal is also the
            error of the client's first request.
            """,
        wrapsStatus: true, run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let name = invocation.arguments[0]
        let isPath = name.utf8.contains(UInt8(ascii: "/"))
        guard isPath || InstanceName.isValid(name) else {
            console.warn(
                ProblemText.text(
                    ("\(Escaping.quoted(name)) \(InstanceName.problem.message)", InstanceName.problem.help), console.errorStyle))
            return .notLaunched
        }
        let path = isPath ? name : InstanceName.socket(name)
        do throws(Errno) {
            return report(try ConnectedSession(try UnixSocket.connect(to: path)).run(), path, console)
        } catch {
            let help = isPath ? nil : "`systemctl status mcp@\(name).socket` says whether it is served, and to whom (SocketGroup=)"
            return refuse(("cannot connect to \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", help), console)
        }
    }

    private static func report(_ outcome: ConnectedSession.Outcome, _ path: String, _ console: Console) -> ExitStatus {
        switch outcome {
        case .ended(let ending):
            console.warn(ending.lines)
            return ending.status
        case .unserved:
            return refuse(("the service at \(Escaping.quoted(path)) ended before it served", "its journal says why"), console)
        case .foreign:
            return refuse(("what listens at \(Escaping.quoted(path)) is no `sandboxctl serve`", nil), console)
        case .lost:
            let lost = "the connection to \(Escaping.quoted(path)) was lost; how the server ended is not known"
            console.warn(ProblemText.text((lost, "the journal of the service says what is known"), console.errorStyle))
            return .lost
        }
    }

    /// Nothing was started: person and client are told.
    private static func refuse(_ words: (message: String, help: String?), _ console: Console) -> ExitStatus {
        console.warn(ProblemText.text(words, console.errorStyle))
        ClientAnswer(input: .standardInput, output: .standardOutput).refuse(ProblemText.text(words, .plain))
        return .notLaunched
    }
}
