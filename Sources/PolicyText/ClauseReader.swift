import Policy

/// Clauses out of a tree that the checker has found without fault.
enum ClauseReader {
    static func server(_ node: YAMLNode?) -> ServerClause {
        let command = node?["command"]?.items.map { $0.text ?? "" }
        return ServerClause(
            command: command, cwd: located(node?["cwd"]) { $0 }, user: located(node?["user"]) { ServerClause.User(rawValue: $0) },
            environment: environment(node?["env"]))
    }

    private static func environment(_ node: YAMLNode?) -> EnvironmentClause {
        let pass = (node?["pass"]?.items ?? []).map { item in
            let written = WrittenPath(item.text ?? "")
            return Located(EnvironmentClause.Passed(name: written.path, isOptional: written.isOptional), at: item.location)
        }
        let set = (node?["set"]?.entries ?? []).map { ($0.key, $0.value.text ?? "") }
        let secret = (node?["secret"]?.entries ?? []).map { Located($0.key, at: $0.keyLocation) }
        return EnvironmentClause(pass: pass, set: Dictionary(set) { first, _ in first }, secret: secret)
    }

    static func egress(_ node: YAMLNode?) -> EgressClause {
        EgressClause(tcp: endpoints(node, "tcp"))
    }

    private static func endpoints(_ node: YAMLNode?, _ key: String) -> Located<EndpointGrant>? {
        guard let entry = node?.entries.first(where: { $0.key.utf8.elementsEqual(key.utf8) }) else { return nil }
        if entry.value.text == "any" { return Located(.any, at: entry.value.location) }
        let endpoints = entry.value.items.compactMap { item in located(item) { try? EndpointPattern($0) } }
        return Located(endpoints.isEmpty ? .none : .endpoints(endpoints), at: entry.keyLocation)
    }

    static func processes(_ node: YAMLNode?) -> ProcessesClause {
        ProcessesClause(spawn: located(node?["spawn"]) { ProcessesClause.Spawn(rawValue: $0) })
    }

    static func protect(_ node: YAMLNode?) -> Located<Protect>? {
        located(node?["protect"]) { Protect(rawValue: $0) }
    }

    static func requestedPaths(_ node: YAMLNode?) -> [RequestedPath] {
        (node?.entries ?? []).flatMap { entry in
            guard let purpose = RequestedPath.Purpose(rawValue: entry.key) else { return [RequestedPath]() }
            return entry.value.items.map { request($0, for: purpose) }
        }
    }

    private static func request(_ node: YAMLNode, for purpose: RequestedPath.Purpose) -> RequestedPath {
        let isOptional = node.scalar.map { WrittenPath($0.written).isOptional } ?? false
        let text = node.text ?? ""
        return RequestedPath(
            path: isOptional ? WrittenPath(text).path : text, purpose: purpose, isOptional: isOptional, location: node.location)
    }

    static func located<Value>(_ node: YAMLNode?, _ read: (String) -> Value?) -> Located<Value>? {
        guard let node, let text = node.text, let value = read(text) else { return nil }
        return Located(value, at: node.location)
    }
}
