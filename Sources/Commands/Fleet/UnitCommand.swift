import ControlProtocol
import Descriptors
import Policy

/// `sandboxctl unit`: an instance of mcp@.service, written where systemd and sandboxd look.
struct UnitCommand {
    static let command = Command(
        "unit", "write the files of an MCP server that systemd runs: its policy, and what its units have of their own",
        options: [
            Option("policy", .value("POLICY"), "a file, or a name as for `wrap`; with `server.command`", isRequired: true),
            Option("user", .value("NAME"), "the user that servers run as; absent: each session a uid of its own"),
            Option("group", .value("NAME"), "who may connect (sandboxd-users)"),
            Option("mode", .value("MODE"), "of the socket (0660)"),
            Option("sessions", .value("N"), "how many at one time (128)"),
            Option("memory-max", .value("SIZE"), "of all sessions together, such as 1G"),
            Option("tasks-max", .value("N"), "of all sessions together"),
            Option("cpu-quota", .value("SHARE"), "of all sessions together, such as 50%"),
            Option("credential", .values("NAME:FILE"), "for `env: {secret: {NAME: {from: credential}}}`"),
            Option("output", .value("DIR"), "below DIR instead of /"),
            Option("force", .flag, "replace files that say something else"),
            CommandTable.Shared.set, CommandTable.Shared.host, CommandTable.Shared.socket,
        ],
        arguments: .one("NAME"),
        help: """
            Writes /etc/sandboxd/policies/NAME.yaml, what it includes from beside it, and drop-ins of mcp@NAME.socket and mcp@NAME.service
            below /etc/systemd/system; says what to type next. NAME is of small letters, digits and `-`.

            The policy must be exact on this host, or on those of `--host`. Nothing is written when a file is there that says something else.

            The exit status is 0 when all is there, 1 when a file stands in the way, 3 when the policy is refused, 5 when sandboxd cannot be
            asked or a file cannot be written.
            """,
        run: { invocation, console in
            do throws(Failure) {
                return try UnitCommand(invocation, console).run()
            } catch {
                console.warn(error.text(console.errorStyle))
                return error.status
            }
        })

    private enum Failure: Error {
        case usage(UsageError)
        case name(String)
        case setting(InstanceSettings.Problem)
        case host(HostFailure)
        case refused(String)
        /// An include that has no place beside the policy.
        case include(String)
        case file(UnitFile.Obstacle)

        var status: ExitStatus {
            switch self {
            case .usage, .name, .setting, .include: .usage
            case .host(let failure): failure.status
            case .refused: .refused
            case .file(.differs): .finding
            case .file(.systemCall): .unreachable
            }
        }

        func text(_ style: Style) -> String {
            switch self {
            case .usage(let error): ProblemText.text(error.message(in: .all), style)
            case .name(let name):
                ProblemText.text(("\(Escaping.quoted(name)) \(InstanceName.problem.message)", InstanceName.problem.help), style)
            case .setting(let problem):
                ProblemText.text(("`--\(problem.option)` cannot be \(Escaping.quoted(problem.value))", "it is \(problem.expected)"), style)
            case .host(let failure): ProblemText.text(failure.words, style)
            case .refused(let text): text
            case .include(let name):
                ProblemText.text(
                    (
                        "the policy includes \(Escaping.quoted(name)), which is not beside it",
                        "put it beside the policy, and include it by its name"
                    ), style)
            case .file(.differs(let path)):
                ProblemText.text(("\(Escaping.quoted(path)) is there, and says something else", "look at it; `--force` replaces it"), style)
            case .file(.systemCall(let path, let error)):
                ProblemText.text(("cannot write \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil), style)
            }
        }
    }

    private let name: String
    private let root: String
    private let settings: InstanceSettings
    private let invocation: Invocation
    private let environment = CallerEnvironment.current()
    private let console: Console

    private init(_ invocation: Invocation, _ console: Console) throws(Failure) {
        name = invocation.arguments[0]
        guard InstanceName.isValid(name) else { throw .name(name) }
        guard invocation.value("policy") != nil else { throw .usage(.missingOption("--policy")) }
        do { settings = try InstanceSettings(invocation) } catch { throw .setting(error) }
        root = Self.absolute(invocation.value("output") ?? "")
        var asked = invocation
        // Instances are the system's: a private daemon has nothing to say of them.
        if invocation.value("socket") == nil, environment["SANDBOXD_SOCKET"] == nil {
            asked.add(option: "socket", DaemonChoice.systemSocket)
        }
        self.invocation = asked
        self.console = console
    }

    /// Without a `/` at the end.
    private static func absolute(_ path: String) -> String {
        var path = path.isEmpty || path.hasPrefix("/") ? path : "\(CallerEnvironment.workingDirectory ?? "")/\(path)"
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private func run() throws(Failure) -> ExitStatus {
        let refusal: RefusedInstance?
        do throws(HostFailure) { refusal = try RefusedInstance.find(invocation, environment) } catch { throw .host(error) }
        if let refusal { throw .refused(refusal.told.text) }
        let files = try files()
        do throws(UnitFile.Obstacle) {
            // All of them are looked at before the first is written.
            var missing: [UnitFile] = []
            for file in files where try file.isNeeded(overwriting: invocation.has("force")) { missing.append(file) }
            for file in missing {
                try file.write()
                console.write("wrote \(Escaping.line(file.path))\n")
            }
        } catch {
            throw .file(error)
        }
        console.write(next)
        return .success
    }

    private func files() throws(Failure) -> [UnitFile] {
        let texts: PolicyTexts
        do { texts = try PolicyTexts(invocation.value("policy") ?? "", finder: PolicyFinder(environment)) } catch {
            throw .refused(RefusalText(source: { _ in nil }, style: .plain).text(error.reasons.all))
        }
        var files = [UnitFile(path: root + InstanceName.policy(name), bytes: texts.policy.bytes)]
        // What has no path is shipped, and found everywhere.
        for include in texts.includes where include.path != nil { files.append(try file(of: include)) }
        let units = root + "/etc/systemd/system/mcp@\(name)"
        if let text = settings.socketText { files.append(UnitFile(path: "\(units).socket.d/50-sandboxctl.conf", bytes: Array(text.utf8))) }
        if let text = settings.serviceText {
            files.append(UnitFile(path: "\(units).service.d/50-sandboxctl.conf", bytes: Array(text.utf8)))
        }
        return files
    }

    /// Beside the instance's policy, under the name by which that includes it.
    private func file(of include: NamedText) throws(Failure) -> UnitFile {
        guard !include.name.utf8.contains(UInt8(ascii: "/")) else { throw .include(include.name) }
        let isPath = PolicyFinder.isPath(include.name)
        return UnitFile(path: "\(root)/etc/sandboxd/policies/\(include.name)\(isPath ? "" : ".yaml")", bytes: include.bytes)
    }

    private var next: String {
        """

        next:
          systemctl daemon-reload
          systemctl enable --now mcp@\(name).socket
        and in the configuration of a client, as a member of \(invocation.value("group") ?? "sandboxd-users"):
          {"mcpServers": {"\(name)": {"command": "sandboxctl", "args": ["connect", "\(name)"]}}}

        """
    }
}
