extension ConfigDocument {
    /// What a client finds here, in the order of the file. Errors: a table of servers that is none.
    public func servers(of file: ClientFile) throws(NoTable) -> [ServerEntry] {
        guard root.members != nil else { throw NoTable(name: "", offset: root.span.lowerBound) }
        var entries: [ServerEntry] = []
        for (path, project) in try tables(file) {
            for member in root.value(at: path)?.members ?? [] {
                entries.append(EntryReader(client: file.client, path: path + [member.key], project: project).entry(member))
            }
        }
        return entries.sorted { $0.offset < $1.offset }
    }

    /// Something else stands where a table of servers is expected.
    public struct NoTable: Error, Sendable, Hashable {
        public let name: String
        public let offset: Int
    }

    private func tables(_ file: ClientFile) throws(NoTable) -> [(path: [String], project: String?)] {
        var found: [(path: [String], project: String?)] = []
        for place in file.tables {
            switch place {
            case .path(let path): if try isTable(path) { found.append((path, nil)) }
            case .each(let outer, let inner):
                guard try isTable(outer) else { continue }
                for member in root.value(at: outer)?.members ?? [] where try isTable(outer + [member.key] + inner) {
                    found.append((outer + [member.key] + inner, member.key))
                }
            case .openCode: if try isTable(["mcp"]) { found.append((hasServers ? ["mcp", "servers"] : ["mcp"], nil)) }
            }
        }
        return found
    }

    /// A server that is itself called `servers` has a type and a command.
    private var hasServers: Bool {
        guard let servers = root.value(at: ["mcp", "servers"]), servers.members != nil else { return false }
        return !["type", "command", "url"].contains { servers[$0] != nil && servers[$0]?.members == nil }
    }

    /// False where nothing is there.
    private func isTable(_ path: [String]) throws(NoTable) -> Bool {
        var value = root
        for key in path {
            guard let member = value.member(key), !member.value.isNothing else { return false }
            guard member.value.members != nil else { throw NoTable(name: key, offset: member.keySpan.lowerBound) }
            value = member.value
        }
        return true
    }
}

/// Reads one entry of a table of servers.
private struct EntryReader {
    let client: MCPClient
    let path: [String]
    let project: String?

    func entry(_ member: ConfigMember) -> ServerEntry {
        let value = member.value
        let isOn = { (key: String) -> Bool? in
            guard case .other(let text)? = value[key]?.content else { return nil }
            return text == "true" ? true : text == "false" ? false : nil
        }
        let environment = MCPClient.environmentKeys.compactMap { value[$0]?.members }.first ?? []
        return ServerEntry(
            path: path, project: project, kind: kind(value), isEnabled: isOn("disabled") != true && isOn("enabled") != false,
            environment: environment.map(\.key), offset: member.keySpan.lowerBound)
    }

    private func kind(_ value: ConfigValue) -> ServerEntry.Kind {
        guard value.members != nil else { return .other(.notATable) }
        let address = MCPClient.addressKeys.compactMap { value[$0]?.string }.first
        guard let command = value[client.commandKey], !command.isNothing else {
            return address.map(ServerEntry.Kind.remote) ?? .other(.builtIn)
        }
        guard address == nil else { return .other(.commandAndAddress) }
        switch command.content {
        case .string: return program(value, path, client.commandKey)
        case .table: return program(command, path + [client.commandKey], "path")
        case .list(let items):
            let words = items.compactMap(\.string)
            guard let first = words.first, !first.isEmpty, words.count == items.count else { return .other(.badCommand) }
            return .program(ProgramPlace(form: .joined(list: path + [client.commandKey]), commandKey: client.commandKey, words: words))
        case .other: return .other(.badCommand)
        }
    }

    private func program(_ table: ConfigValue, _ path: [String], _ key: String) -> ServerEntry.Kind {
        guard let command = table[key]?.string, !command.isEmpty else { return .other(.badCommand) }
        var words = [command]
        if let arguments = table[MCPClient.argumentsKey] {
            guard let items = arguments.items else { return .other(.badArguments) }
            for item in items {
                switch item.content {
                case .string(let text), .other(let text): words.append(text)
                case .list, .table: return .other(.badArguments)
                }
            }
        }
        return .program(ProgramPlace(form: .separate(table: path), commandKey: key, words: words))
    }
}
