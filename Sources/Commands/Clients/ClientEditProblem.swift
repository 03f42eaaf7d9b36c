import ClientConfigs

/// Why an entry of a client's file stays as it is.
enum ClientEditProblem: Error {
    case choice(ClientChoice.Problem)
    case policy(PolicyForServer.Problem)
    case remote(name: String, address: String)
    case other(name: String, ServerEntry.Oddity)
    case unprepared(PreparedCommand.Problem)
    case served(instance: String)
    /// Wrapped by another policy than the one that was named.
    case wrapped(name: String, policy: String)
    /// By a program of that name.
    case stranger(program: String)
    case noProgram
    case edit(NotEditable, ConfiguredServer, Wrapping?)
    case file(ClientFileObstacle, String)

    var status: ExitStatus {
        switch self {
        case .policy(let problem): problem.status
        case .file(let obstacle, _): obstacle.status
        case .noProgram: .unreachable
        case .choice, .remote, .other, .unprepared, .served, .wrapped, .stranger, .edit: .finding
        }
    }

    func text(_ surroundings: ClientSurroundings, _ style: Style) -> String {
        switch self {
        case .choice(let problem): problem.text(surroundings, style)
        case .policy(let problem): problem.text(style)
        case .file(let obstacle, let path):
            ProblemText.text(("\(Escaping.quoted(path)) \(obstacle.words.message)", obstacle.words.help), style)
        case .remote, .other, .unprepared, .served, .wrapped, .stranger, .noProgram, .edit: ProblemText.text(words(surroundings), style)
        }
    }

    private func words(_ surroundings: ClientSurroundings) -> (message: String, help: String?) {
        switch self {
        case .choice, .policy, .file: ("", nil)
        case .remote(let name, let address):
            (
                "\(Escaping.quoted(name)) runs at \(address.isEmpty ? "an address" : Escaping.quoted(address)): there is nothing here to hold",
                "run a server of your own here, and let the client start that"
            )
        case .other(let name, let oddity): ("\(Escaping.quoted(name)) \(oddity.words)", nil)
        case .unprepared(let problem): problem.words
        case .served(let instance):
            (
                "it is the instance \(Escaping.quoted(instance)), which systemd runs under a policy of its own",
                "`sudo sandboxctl unit` writes that"
            )
        case .wrapped(let name, let policy):
            (
                "\(Escaping.quoted(name)) is wrapped by the policy \(Escaping.quoted(policy)) already",
                "`sandboxctl clients unwrap \(Escaping.line(name))` first"
            )
        case .stranger(let program):
            (
                "it starts \(Escaping.quoted(program)), which is called sandboxctl and is neither this one nor the host's",
                "look at what it is; `sandboxctl clients unwrap` takes it out"
            )
        case .noProgram: ("this program's own file is gone or was replaced", "start it anew")
        case .edit(let problem, let server, let wrapping): Self.words(problem, server, wrapping, surroundings)
        }
    }

    private static func words(
        _ problem: NotEditable, _ server: ConfiguredServer, _ wrapping: Wrapping?, _ surroundings: ClientSurroundings
    ) -> (message: String, help: String?) {
        let what = wrapping == nil ? "unwrapped" : "wrapped"
        let lines = (wrapping.map { server.document.lines(wrapping: server.entry, $0) } ?? server.document.lines(unwrapping: server.entry))
            .map { "\n      " + Escaping.line($0) }.joined()
        return (
            "\(Escaping.quoted(server.name)) in \(ClientList.place(server, surroundings)) cannot be \(what) here: \(problem.words(server.document))",
            lines.isEmpty ? nil : "write it by hand:" + lines
        )
    }
}

extension NotEditable {
    fileprivate func words(_ document: ConfigDocument) -> String {
        switch self {
        case .layout(let offset): "the layout of line \(document.line(of: offset)) leaves no room for an exact edit"
        case .otherMeaning: "the edit would change what something else says"
        case .notReversible: "it could not be taken back to the byte"
        case .noProgram: "it starts no program"
        case .noCommand: "no command stands behind `--`"
        }
    }
}
