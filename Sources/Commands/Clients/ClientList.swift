import ClientConfigs
import StrictJSON

/// What `sandboxctl clients` prints.
struct ClientList: Sendable {
    private let rows: [(server: ConfiguredServer, state: ConfiguredServer.State)]
    private let unread: [ClientInventory.Unread]
    private let surroundings: ClientSurroundings

    init(_ inventory: ClientInventory, _ surroundings: ClientSurroundings) {
        rows = inventory.servers.map { ($0, $0.state(own: surroundings.program)) }
        unread = inventory.unread
        self.surroundings = surroundings
    }

    /// A server that could be wrapped is not.
    var hasUnwrapped: Bool { rows.contains { $0.state.isWrappable && !$0.state.isHeld } }

    // MARK: Text

    func text(_ width: Int?, _ style: Style) -> String {
        guard !rows.isEmpty else { return "no client of yours is configured with an MCP server\n" }
        var table = TextTable(("SERVER", .left), ("HELD BY", .left), ("CLIENT", .left), ("IN", .left))
        for (server, state) in rows {
            table.add([
                TextTable.clipped(Escaping.line(server.name), to: 24), TextTable.clipped(state.words, to: 32), server.client.title,
                Self.place(server, surroundings) + (server.entry.isEnabled ? "" : " (switched off)"),
            ])
        }
        let lines = table.lines(width: width, style) + [""] + notes.map { TextTable.clipped($0, to: nil) }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The file, and whose project it is about.
    static func place(_ server: ConfiguredServer, _ surroundings: ClientSurroundings) -> String {
        let project = server.entry.project.map { ", for \(Escaping.line($0))" } ?? ""
        return "\(Escaping.line(server.place.shown(surroundings))):\(server.line)\(project)"
    }

    private var notes: [String] {
        let wrappable = rows.filter(\.state.isWrappable)
        let held = wrappable.filter(\.state.isHeld)
        let count = "\(held.count) of \(wrappable.count) that can be wrapped \(held.count == 1 ? "is" : "are")"
        var notes = [held.count < wrappable.count ? "\(count); `sandboxctl clients wrap NAME` wraps one" : count]
        if rows.contains(where: { if case .remote = $0.state { true } else { false } }) {
            notes.append("remote: it runs elsewhere, so that there is nothing here to hold")
        }
        if rows.contains(where: { $0.state == .other(.builtIn) }) { notes.append("built in: a part of its client, which starts it") }
        if rows.contains(where: { if case .stranger = $0.state { true } else { false } }) {
            notes.append("another sandboxctl: a program of that name that is neither this one nor the host's")
        }
        return notes
    }

    // MARK: JSON

    var json: JSON {
        .object(
            JSONObject([
                ("servers", .array(rows.map { json($0.server, $0.state) })),
                ("unread", .array(unread.map { json($0) })),
            ]))
    }

    private func json(_ server: ConfiguredServer, _ state: ConfiguredServer.State) -> JSON {
        var members: [(String, JSON)] = [
            ("name", .string(server.name)), ("client", .string(server.client.rawValue)),
            ("scope", .string(server.place.file.scope.rawValue)),
            ("file", .string(server.place.path)), ("line", JSON(server.line)), ("enabled", .bool(server.entry.isEnabled)),
            ("state", .string(state.code)),
        ]
        if let project = server.entry.project { members.append(("project", .string(project))) }
        switch state {
        case .wrapped(let policy): members.append(("policy", .string(policy)))
        case .served(let instance): members.append(("instance", .string(instance)))
        case .remote(let address): members.append(("address", .string(address)))
        case .other(let oddity): members.append(("reason", .string(oddity.words)))
        case .stranger, .unwrapped: break
        }
        // Its arguments may hold keys.
        if let command = (server.wrapped?.command ?? server.words).first { members.append(("command", .string(command))) }
        return .object(JSONObject(members))
    }

    private func json(_ unread: ClientInventory.Unread) -> JSON {
        var members: [(String, JSON)] = [
            ("client", .string(unread.place.file.client.rawValue)), ("file", .string(unread.place.path)),
            ("message", .string(unread.message)),
        ]
        if let position = unread.position { members += [("line", JSON(position.line)), ("column", JSON(position.column))] }
        return .object(JSONObject(members))
    }
}
