import ClientConfigs
import PolicyText

/// `sandboxctl clients wrap` and `clients unwrap`.
struct ClientsEditCommands {
    static let wrap = wrapCommand { .current() }
    static let unwrap = unwrapCommand { .current() }

    static func wrapCommand(in surroundings: @escaping @Sendable () -> ClientSurroundings) -> Command {
        Command(
            "clients wrap", "let a client start one of its servers by `sandboxctl wrap`",
            options: ClientChoice.options + [
                Option("policy", .value("POLICY"), "a file, or a name as for `wrap`; absent: the shipped one for the server's program"),
                CommandTable.Shared.set, diff,
            ],
            arguments: .one("NAME"),
            help: """
                Edits the command line of that one entry, in place: every other byte of the file stays as it is, and
                `clients unwrap` gives back the same bytes. The entry's environment stays, too; the policy says what of it
                reaches the server.

                What fetches a package when it starts (npx, uvx, pipx run and the like) is wrapped once the package is prepared,
                and then started from there (`sandboxctl prepare --help`); what asks for a container (docker run) is not.
                What cannot be edited exactly is refused, with the lines to write by hand; so are files that others may write,
                and links that lead out of your home.

                \(ClientChoice.names)

                The exit status is 0 when the entry is wrapped, also where it was before; 1 when it cannot be; 2 when the
                policy needs `--set`; 3 when it is refused; 5 when the file cannot be written.
                """,
            run: { invocation, console in
                perform(surroundings(), console) { edit throws(ClientEditProblem) in try edit.wrap(invocation, console) }
            })
    }

    static func unwrapCommand(in surroundings: @escaping @Sendable () -> ClientSurroundings) -> Command {
        Command(
            "clients unwrap", "let a client start one of its servers as it did before",
            options: ClientChoice.options + [diff],
            arguments: .one("NAME"),
            help: """
                Takes `sandboxctl wrap` and its options out of the entry's command line: the bytes are those from before
                `clients wrap`, as far as nobody else wrote them anew meanwhile.

                \(ClientChoice.names)

                The exit status is 0 when the entry is not wrapped, also where it was not before; 1 when it cannot be edited;
                5 when the file cannot be written.
                """,
            run: { invocation, console in
                perform(surroundings(), console) { edit throws(ClientEditProblem) in try edit.unwrap(invocation, console) }
            })
    }

    private static let diff = Option("diff", .flag, "show what would change, and change nothing")

    private let surroundings: ClientSurroundings

    private static func perform(
        _ surroundings: ClientSurroundings, _ console: Console, _ body: (ClientsEditCommands) throws(ClientEditProblem) -> ExitStatus
    ) -> ExitStatus {
        let edit = ClientsEditCommands(surroundings: surroundings)
        do throws(ClientEditProblem) {
            return try body(edit)
        } catch {
            console.warn(error.text(surroundings, console.errorStyle))
            return error.status
        }
    }

    private func server(_ invocation: Invocation) throws(ClientEditProblem) -> ConfiguredServer {
        do { return try ClientChoice.find(invocation, ClientInventory(surroundings), surroundings) } catch { throw .choice(error) }
    }

    // MARK: Wrapping

    private func wrap(_ invocation: Invocation, _ console: Console) throws(ClientEditProblem) -> ExitStatus {
        let server = try server(invocation)
        guard let program = surroundings.program else { throw .noProgram }
        if let policy = try wrapping(server, program) {
            return try report(server, policy, invocation, console)
        }
        let prepared: PreparedCommand?
        do { prepared = try PreparedCommand(server.words, in: PreparedPlace.all(surroundings.environment)) } catch {
            throw .unprepared(error)
        }
        let policy: PolicyForServer
        do { policy = try PolicyForServer(invocation, for: prepared?.words ?? server.words, surroundings.environment) } catch {
            throw .policy(error)
        }
        let wrapping = Wrapping(program: program, policy: policy.argument, name: server.name, inputs: policy.inputs)
        let bytes: [UInt8]
        do { bytes = try server.document.wrapping(server.entry, wrapping, in: server.place.file) } catch {
            throw .edit(error, server, wrapping)
        }
        guard try write(server, bytes, invocation, console) else { return .success }
        console.write(
            "\(Self.title(server)) starts \(Escaping.quoted(server.name)) under the policy \(Escaping.quoted(policy.argument)) from now on\n"
        )
        if let prepared { console.write(prepared.notice + "\n") }
        advise(server, policy, console)
        return .success
    }

    /// The policy by which it is wrapped already; nil where it can be.
    private func wrapping(_ server: ConfiguredServer, _ program: String) throws(ClientEditProblem) -> String? {
        switch server.state(own: program) {
        case .wrapped(let policy): return policy
        case .served(let instance): throw .served(instance: instance)
        case .stranger(let program): throw .stranger(program: program)
        case .remote(let address): throw .remote(name: server.name, address: address)
        case .other(let oddity): throw .other(name: server.name, oddity)
        case .unwrapped: return nil
        }
    }

    /// Says that there is nothing to do; another policy than the one there is not put in its place.
    private func report(
        _ server: ConfiguredServer, _ policy: String, _ invocation: Invocation, _ console: Console
    ) throws(ClientEditProblem) -> ExitStatus {
        if invocation.value("policy") != nil {
            let asked: PolicyForServer
            do { asked = try PolicyForServer(invocation, for: server.wrapped?.command ?? [], surroundings.environment) } catch {
                throw .policy(error)
            }
            guard asked.argument.utf8.elementsEqual(policy.utf8) else { throw .wrapped(name: server.name, policy: policy) }
        }
        console.write(
            "\(Escaping.quoted(server.name)) of \(Self.title(server)) is wrapped already, by the policy \(Escaping.quoted(policy))\n")
        return .success
    }

    private func advise(_ server: ConfiguredServer, _ policy: PolicyForServer, _ console: Console) {
        let passed = policy.draft.environmentNames + ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM"]
        let kept = server.entry.environment.filter { name in !passed.contains { $0.utf8.elementsEqual(name.utf8) } }
        if !kept.isEmpty {
            console.say(
                "the policy keeps \(kept.map { Escaping.quoted($0) }.joined(separator: ", ")) from the server: `server.env` of it says what is passed"
            )
        }
        console.write(
            "`sandboxctl check \(Escaping.line(policy.argument))` says whether this host can hold it; \(server.client.title) has to be started anew\n"
        )
    }

    // MARK: Unwrapping

    private func unwrap(_ invocation: Invocation, _ console: Console) throws(ClientEditProblem) -> ExitStatus {
        let server = try server(invocation)
        switch server.entry.kind {
        case .remote(let address): throw .remote(name: server.name, address: address)
        case .other(let oddity): throw .other(name: server.name, oddity)
        case .program: break
        }
        guard let wrapped = server.wrapped else {
            console.write("\(Escaping.quoted(server.name)) of \(Self.title(server)) is not wrapped\n")
            return .success
        }
        if case .connect(let instance) = wrapped.verb { throw .served(instance: instance) }
        let bytes: [UInt8]
        do { bytes = try server.document.unwrapping(server.entry, in: server.place.file) } catch { throw .edit(error, server, nil) }
        guard try write(server, bytes, invocation, console) else { return .success }
        console.write(
            "\(Self.title(server)) starts \(Escaping.quoted(server.name)) as it did before; it has to be started anew\n")
        return .success
    }

    private static func title(_ server: ConfiguredServer) -> String { server.client.title }

    /// False where the change is only shown.
    private func write(
        _ server: ConfiguredServer, _ bytes: [UInt8], _ invocation: Invocation, _ console: Console
    ) throws(ClientEditProblem) -> Bool {
        let shown = server.place.shown(surroundings)
        do throws(ClientFileObstacle) {
            guard let file = try ClientConfigFile(server.place), file.bytes == server.document.bytes else { throw .changed }
            // What could not be written is not shown as if it could.
            _ = try file.checked(home: surroundings.home)
            if invocation.has("diff") {
                console.write(UnifiedDifference(from: file.bytes, to: bytes).text(Escaping.line(server.place.path), console.outputStyle))
                return false
            }
            try file.replace(with: bytes, home: surroundings.home)
        } catch {
            throw .file(error, shown)
        }
        return true
    }
}
