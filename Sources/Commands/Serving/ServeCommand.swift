import Descriptors
import Glibc

/// `sandboxctl serve`: what mcp@.service starts.
struct ServeCommand {
    static let command = Command(
        "serve", "serve an instance: a session for each connection to the socket that systemd passes",
        options: [
            Option("policy", .value("FILE"), "instead of /etc/sandboxd/policies/NAME.yaml"),
            CommandTable.Shared.set,
            Option(
                "user", .value("NAME"),
                "the user that servers run as; absent: each session a uid of its own, unless the policy says otherwise"),
            Option("sessions", .value("N"), "how many at one time (128); whoever connects beyond that waits"),
            Option("quiet", .flag, "no line in the journal for each decision"),
            Option("socket", .value("PATH"), "sandboxd's socket (SANDBOXD_SOCKET)"),
        ],
        arguments: .one("NAME"),
        help: """
            mcp@.service starts it, as root, and mcp@.socket passes the socket. Sessions are made by sandboxd, in the cgroup of the
            unit, which must be delegated (Delegate=yes); stdin and stdout of each are the connection. Receipts name the process
            that connected, as the kernel tells it, and this service.

            The policy needs `server.command`. Before the service says that it is ready, the policy is held against what works on this host;
            refused, everybody who waits is told why, and the exit status is 125. It is 5 when sandboxd cannot be asked.
            """,
        wrapsStatus: true, run: run)

    private static func run(_ given: Invocation, _ console: Console) -> ExitStatus {
        let name = given.arguments[0]
        do throws(Failure) {
            guard InstanceName.isValid(name) else { throw .name(name) }
            return try ServeCommand(name, given, console).run()
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    /// Why there is nothing to serve, or no way to.
    private enum Failure: Error {
        case name(String)
        case badLimit(String)
        case listener(PassedListener.Problem)
        case host(HostFailure)
        case system(Errno)

        var words: (message: String, help: String?) {
            switch self {
            case .name(let name): ("\(Escaping.quoted(name)) \(InstanceName.problem.message)", InstanceName.problem.help)
            case .badLimit(let text): ("\(Escaping.quoted(text)) is no number of sessions", "1 to 512")
            case .listener(let problem): (problem.words.message, problem.words.help)
            case .host(let failure): failure.words
            case .system(let error): ("cannot serve: \(ErrnoWords.text(error.name))", nil)
            }
        }

        /// What does not get better by itself is not started again.
        var status: ExitStatus {
            switch self {
            case .name, .badLimit, .listener: .notLaunched
            case .host, .system: .unreachable
            }
        }
    }

    private let name: String
    private let invocation: Invocation
    private let environment = CallerEnvironment.current()
    private let console: Console
    private let limit: Int

    private init(_ name: String, _ given: Invocation, _ console: Console) throws(Failure) {
        self.name = name
        self.console = console
        let text = given.value("sessions") ?? "128"
        guard let limit = Int(text), (1...512).contains(limit) else { throw .badLimit(text) }
        self.limit = limit
        var invocation = given
        if given.value("policy") == nil { invocation.add(option: "policy", InstanceName.policy(name)) }
        // Never a private daemon: a session of this unit is the system's, or there is none.
        let named = given.value("socket") ?? CallerEnvironment.current()["SANDBOXD_SOCKET"]
        invocation.add(option: "socket", named.flatMap { $0 == "none" ? nil : $0 } ?? DaemonChoice.systemSocket)
        invocation.add(option: "name", name)
        self.invocation = invocation
    }

    private func run() throws(Failure) -> ExitStatus {
        let listener: OwnedDescriptor
        do { listener = try PassedListener.take() } catch { throw .listener(error) }
        let refusal: RefusedInstance?
        do throws(HostFailure) { refusal = try RefusedInstance.find(invocation, environment) } catch { throw .host(error) }
        do throws(Errno) {
            let service = try Service(
                name, invocation, environment, on: listener, socket: invocation.value("socket") ?? DaemonChoice.systemSocket, limit: limit,
                console)
            guard let refusal else {
                try service.run()
                return .success
            }
            ServiceNotice.status("the policy is refused: \(refusal.codes)")
            console.warn(refusal.told.text)
            try service.refuse(refusal.told)
            return .notLaunched
        } catch {
            throw .system(error)
        }
    }
}
