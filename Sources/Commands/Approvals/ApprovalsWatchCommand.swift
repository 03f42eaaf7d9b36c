import ControlProtocol
import Descriptors
import Glibc
import StrictJSON

/// `sandboxctl approvals watch`: tells when a call begins to wait for a person, and what becomes of it.
enum ApprovalsWatchCommand {
    static let command = Command(
        "approvals watch", "tell of calls that wait for a person, as it happens",
        options: [
            Option("exec", .value("COMMAND"), "run this with /bin/sh for each call that begins to wait"), CommandTable.Shared.json,
            CommandTable.Shared.socket,
        ],
        help: """
            COMMAND finds the approval id in SANDBOXD_APPROVAL, and as $1; one runs at a time. It is given nothing of the call:
            `sandboxctl approvals show` has that. Ends when it is interrupted.

            The exit status is 5 when the daemon cannot be reached, or goes away.
            """,
        run: { invocation, console in
            ApprovalQuestion.perform(console) { () throws(ApprovalQuestion.Problem) in try watch(invocation, console) }
        })

    private static func watch(_ invocation: Invocation, _ console: Console) throws(ApprovalQuestion.Problem) -> ExitStatus {
        let teller = ApprovalTeller(isJSON: invocation.has("json"), command: invocation.value("exec"), console)
        let environment = CallerEnvironment.current()
        let choice = DaemonChoice(invocation, environment)
        if choice != .personal, let source = try daemon(choice, environment) { return try follow(source, teller) }
        return try look(environment, teller)
    }

    /// nil where there is none, and the private ones are to be asked.
    private static func daemon(_ choice: DaemonChoice, _ environment: CallerEnvironment) throws(ApprovalQuestion.Problem) -> ApprovalSource?
    {
        switch choice {
        case .personal: return nil
        case .socket(let path):
            do { return try DaemonConnection.reach(path) } catch { throw .noDaemon(error) }
        case .system:
            do { return try DaemonConnection.reach(DaemonChoice.systemSocket) } catch {
                if case .cannotConnect(_, .noEntry) = error { return nil }
                throw .noDaemon(error)
            }
        }
    }

    private static func follow(_ source: ApprovalSource, _ teller: ApprovalTeller) throws(ApprovalQuestion.Problem) -> ExitStatus {
        do throws(ControlCallFailure) {
            try source.client.callForMore(.watchApprovals, deadline: Clock.monotonic + ApprovalSource.patience)
            while true {
                let reply = try source.client.nextReply(deadline: .max)
                guard let event = reply.parameters["event"]?.string.flatMap(ApprovalEvent.init(rawValue:)) else { continue }
                guard let summary = ApprovalSummary(reply.parameters["approval"]), teller.tell(event, summary) else { return .success }
            }
        } catch {
            throw .failed(error, source: source.name)
        }
    }

    /// Private daemons come and go with their sessions: all that are there are asked again and again.
    private static func look(_ environment: CallerEnvironment, _ teller: ApprovalTeller) throws(ApprovalQuestion.Problem) -> ExitStatus {
        var known: [String: ApprovalSummary] = [:]
        while true {
            var now: [String: ApprovalSummary] = [:]
            let sources: [ApprovalSource]
            do { sources = try ApprovalSource.all(.personal, environment) } catch { throw .noDaemon(error) }
            for source in sources {
                // One that ended meanwhile has nothing that waits.
                for one in (try? ApprovalsListCommand.waiting(at: source).0) ?? [] { now[one.id] = one }
            }
            for one in now.values.sorted(by: { $0.asked < $1.asked }) where known[one.id] == nil {
                guard teller.tell(.held, one) else { return .success }
            }
            for one in known.values where now[one.id] == nil {
                guard teller.tell(.withdrawn, one, isSeen: false) else { return .success }
            }
            known = now
            usleep(500_000)
        }
    }
}

/// Says what happens, and runs the command.
struct ApprovalTeller {
    let isJSON: Bool
    let command: String?
    let console: Console

    init(isJSON: Bool, command: String?, _ console: Console) {
        self.isJSON = isJSON
        self.command = command
        self.console = console
    }

    /// False when nobody reads any more. `isSeen`: it is known how it ended.
    func tell(_ event: ApprovalEvent, _ one: ApprovalSummary, isSeen: Bool = true) -> Bool {
        let word = isSeen ? event.rawValue : "over"
        let isRead: Bool
        if isJSON {
            let json: JSON = ["event": .string(word), "approval": one.json]
            isRead = console.write(json.encoded() + [UInt8(ascii: "\n")])
        } else {
            isRead = console.write(
                "\(word.padding(to: 10))\(Escaping.line(one.id))  \(Escaping.line(one.tool)) of \(Escaping.quoted(one.server)), rule \(Escaping.line(one.rule))\n"
            )
        }
        if event == .held, let command { run(command, one.id) }
        return isRead
    }

    private func run(_ command: String, _ id: String) {
        // Only what a daemon makes: it becomes a word of a command line.
        guard id.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }) else { return }
        setenv("SANDBOXD_APPROVAL", id, 1)
        let texts: [String] = ["/bin/sh", "-c", command, "sandboxd-approval", id]
        let words = texts.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        var process: pid_t = 0
        guard posix_spawn(&process, "/bin/sh", &actions, nil, words, environ) == 0 else { return console.say("cannot run /bin/sh") }
        waitpid(process, nil, 0)
    }
}
