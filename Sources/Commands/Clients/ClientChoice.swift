import ClientConfigs

/// The one server that a name and options mean.
struct ClientChoice {
    enum Problem: Error {
        case unknown(name: String, near: String?, unread: [ClientInventory.Unread])
        case ambiguous(name: String, [ConfiguredServer])
    }

    static let options = [
        Option("client", .choice(MCPClient.allCases.map(\.rawValue)), "where several clients have a server of this name"),
        Option("file", .value("FILE"), "where several files of a client have"),
        Option("project", .value("DIR"), "where a file has several projects that have; `none`: the one that is of no project"),
    ]

    /// Which clients there are, for help.
    static let names =
        "CLIENT is one of \(MCPClient.allCases.prefix(6).map(\.rawValue).joined(separator: ", ")),\n"
        + "\(MCPClient.allCases.dropFirst(6).map(\.rawValue).joined(separator: ", "))."

    static func find(
        _ invocation: Invocation, _ inventory: ClientInventory, _ surroundings: ClientSurroundings
    ) throws(Problem) -> ConfiguredServer {
        let name = invocation.arguments[0]
        let client = invocation.value("client"), project = invocation.value("project")
        let file = invocation.value("file").map { absolute($0, surroundings) }
        let found = inventory.servers.filter { server in
            server.name.utf8.elementsEqual(name.utf8) && client.map { $0 == server.client.rawValue } ?? true
                && file.map { [$0].contains(server.place.path) } ?? true
                && project.map { isOf($0, server.entry.project, surroundings) } ?? true
        }
        guard let first = found.first else {
            throw .unknown(name: name, near: Nearness.nearest(to: name, among: inventory.servers.map(\.name)), unread: inventory.unread)
        }
        guard found.count == 1 else { throw .ambiguous(name: name, found) }
        return first
    }

    private static func isOf(_ asked: String, _ project: String?, _ surroundings: ClientSurroundings) -> Bool {
        asked == "none" ? project == nil : absolute(asked, surroundings) == project
    }

    /// Without `.` and an end of `/`.
    private static func absolute(_ path: String, _ surroundings: ClientSurroundings) -> String {
        var path = path.hasPrefix("/") ? path : "\(surroundings.project ?? "")/\(path.hasPrefix("./") ? String(path.dropFirst(2)) : path)"
        if path.hasSuffix("/.") { path.removeLast() }
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

extension ClientChoice.Problem {
    func text(_ surroundings: ClientSurroundings, _ style: Style) -> String {
        switch self {
        case .unknown(let name, let near, let unread):
            let help = near.map { "did you mean \(Escaping.quoted($0))?" } ?? "`sandboxctl clients` shows what there is"
            return unread.map { ProblemText.text($0.words(surroundings), style) }.joined()
                + ProblemText.text(("no client is configured with a server \(Escaping.quoted(name)) there", help), style)
        case .ambiguous(let name, let servers):
            let list = servers.map { "\n        \($0.client.rawValue)  \(ClientList.place($0, surroundings))" }.joined()
            return ProblemText.text(
                ("several servers are called \(Escaping.quoted(name))", "say which, with `--client`, `--file` or `--project`:" + list),
                style)
        }
    }
}
