import ControlProtocol
import Descriptors
import Glibc
import KernelPlan
import Policy
import PolicyText

/// `sandboxctl wrap`: asks a daemon for a session around a command, and stays for as long as it lasts.
struct WrapCommand {
    static let command = Command(
        "wrap", "run an MCP server under a policy, its stdin and stdout being the MCP stream",
        options: [
            Option(
                "policy", .value("POLICY"), "a file, or a name known in .sandboxd, the user's or the system's policies, or shipped",
                isRequired: true),
            CommandTable.Shared.set,
            Option("name", .value("NAME"), "what the session is called in receipts"),
            Option("user", .value("NAME"), "the user that the server runs as; for root"),
            Option("quiet", .flag, "say nothing on stderr unless something goes wrong"),
            CommandTable.Shared.socket,
        ],
        arguments: .trailing("COMMAND [ARG]…"),
        help: """
            COMMAND is needed unless the policy has `server.command`, and may not be given when it has.

            The exit status is the server's; 125 when the policy is refused or nothing was launched, 126 when the
            command cannot be executed, 127 when it is not found, 128+N when the server died of signal N.
            """,
        wrapsStatus: true, run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        var request = WrapPreparation(invocation, .current())
        do {
            return try WrapCommand(invocation, console).run(&request)
        } catch {
            return WrapCommand(invocation, console).report(error, request)
        }
    }

    private let invocation: Invocation
    private let console: Console

    private init(_ invocation: Invocation, _ console: Console) {
        self.invocation = invocation
        self.console = console
    }

    private var isQuiet: Bool { invocation.has("quiet") }

    private func run(_ preparation: inout WrapPreparation) throws(WrapFailure) -> ExitStatus {
        let command = try preparation.prepare()
        if !isQuiet, let prepared = preparation.prepared { console.say(prepared.notice) }
        var daemon = try connect(preparation.environment)
        let streams: ClientStreams
        do { streams = try ClientStreams() } catch { throw .streams(error) }
        let relays = streams.relays
        let handsOver = streams.handsOver
        let request = try preparation.request(command, streams)
        let reply = try ask(&daemon, request)
        if !isQuiet { announce(reply, daemon) }
        let lifeline = reply.lifeline
        let kept = daemon.kept()
        if handsOver { Self.letGo() }
        let outcome = try follow(lifeline, relays)
        if let kept { kept.finish() }
        if let message = outcome.message, !isQuiet || outcome.status != .success || outcome.endedUnanswered { console.say(message) }
        if outcome.endedUnanswered { console.say(LearningAdvice(invocation, preparation.texts).words) }
        return outcome.status
    }

    private func connect(_ environment: CallerEnvironment) throws(WrapFailure) -> DaemonConnection {
        do {
            let daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment)
            if daemon.isFallback, !isQuiet {
                console.say("no sandboxd at \(Escaping.quoted(DaemonChoice.systemSocket)): a private one is asked")
            }
            return daemon
        } catch {
            throw .daemon(error)
        }
    }

    /// Nanoseconds that a launch may take in all; each of its steps has a deadline of its own in the daemon.
    private static let launchTime: UInt64 = 120_000_000_000

    private func ask(_ daemon: inout DaemonConnection, _ request: consuming WrapRequest) throws(WrapFailure) -> WrapReply {
        let message: ControlMessage
        do { message = try request.encode() } catch { throw .unsendable(error) }
        do {
            return try WrapReply(try daemon.client.call(.wrap, message, deadline: Clock.monotonic + Self.launchTime))
        } catch {
            throw .call(error)
        }
    }

    private func announce(_ reply: borrowing WrapReply, _ daemon: borrowing DaemonConnection) {
        let keeper =
            switch reply.custody {
            case .daemon: "sandboxd at \(Escaping.quoted(daemon.name))"
            case .user: "a private sandboxd, as you"
            }
        console.say("session \(Escaping.line(reply.session)), kept by \(keeper)")
    }

    /// The client's ends now belong to the gate alone: when it closes them, the client must see it.
    private static func letGo() {
        guard let nothing = try? WorkingDirectory().open("/dev/null", .readWrite) else { return }
        for number in [STDIN_FILENO, STDOUT_FILENO] { dup2(nothing.number, number) }
    }

    private func follow(_ lifeline: consuming OwnedDescriptor, _ relays: [Relay]) throws(WrapFailure) -> WrapSession.Outcome {
        do { return try WrapSession(lifeline: lifeline, relays: relays).run() } catch { throw .streams(error) }
    }

    /// Tells person and client why nothing was started.
    private func report(_ failure: WrapFailure, _ preparation: WrapPreparation) -> ExitStatus {
        let texts = preparation.texts
        let failure = preparation.recorded(failure)
        let source = { (name: String) in texts?.source(name) ?? LayerChoice.told(name) }
        console.warn(failure.text(RefusalText(source: source, style: console.errorStyle)))
        let plain = failure.text(RefusalText(source: source, style: .plain))
        ClientAnswer(input: .standardInput, output: .standardOutput).refuse(plain)
        return failure.status
    }
}
