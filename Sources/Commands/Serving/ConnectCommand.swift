import Descriptors
import EventLoop
import Glibc

/// `sandboxctl connect`: the stdio command of client configurations for an instance that systemd runs.
enum ConnectCommand {
    static let command = Command(
        "connect", "be the stdio of an MCP server that systemd runs (mcp@NAME.service)",
        arguments: .one("NAME"),
        help: """
            NAME is an instance of mcp@.socket, or the path of a socket. Connecting starts a session of its own; stdin and stdout are its
            MCP stream, and the end of stdin is passed on. The server's stderr, and how it ended, are in the journal of mcp@NAME.service.

            The exit status is 0 when the session ended after it had said anything, and 125 when nobody serves there, or nothing came back.
            A refusal is the error of the client's first request.
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
            return try relay(try UnixSocket.connect(to: path))
        } catch {
            let help = isPath ? nil : "`systemctl status mcp@\(name).socket` says whether it is served, and to whom (SocketGroup=)"
            let words = (message: "cannot connect to \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", help: help)
            console.warn(ProblemText.text(words, console.errorStyle))
            ClientAnswer(input: .standardInput, output: .standardOutput).refuse(ProblemText.text(words, .plain))
            return .notLaunched
        }
    }

    private static func relay(_ socket: consuming OwnedDescriptor) throws(Errno) -> ExitStatus {
        let loop = try EventLoop()
        // One descriptor has one registration.
        let up = try socket.duplicate()
        let number = up.number
        let outgoing = try HalfStream(from: STDIN_FILENO, to: number, in: loop, watchesSink: false) { _ in
            try? BorrowedDescriptor(number).shutdownWriting()
        }
        let incoming = try HalfStream(from: socket.number, to: STDOUT_FILENO, in: loop, watchesSink: true) { _ in loop.stop() }
        try loop.run()
        _ = outgoing
        return incoming.hasMoved ? .success : .notLaunched
    }
}
