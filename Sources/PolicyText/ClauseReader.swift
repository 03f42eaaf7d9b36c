import Policy
import StrictJSON

/// Clauses out of a tree that the checker has found without fault.
enum ClauseReader {
    /// All clauses of a document; `grants` and `nameservers` are what was found for it.
    static func clauses(_ root: YAMLNode, _ grants: PathGrants, _ nameservers: [IPAddress]) -> Clauses {
        Clauses(
            server: server(root["server"], grants), tools: tools(root["tools"]), messages: messages(root["messages"]),
            egress: egress(root["egress"], grants, nameservers), ingress: IngressClause(tcp: endpoints(root["ingress"], "tcp")),
            files: files(root["files"], grants), processes: processes(root["processes"]), evidence: evidence(root["evidence"]),
            approvals: approvals(root["approvals"]))
    }

    // MARK: Server

    static func server(_ node: YAMLNode?, _ grants: PathGrants = PathGrants()) -> ServerClause {
        let command = node?["command"]?.items.map { $0.text ?? "" }
        return ServerClause(
            command: command, cwd: located(node?["cwd"]) { $0 }, directory: grants[.enter].first,
            user: located(node?["user"]) { ServerClause.User(rawValue: $0) }, environment: environment(node?["env"]))
    }

    private static func environment(_ node: YAMLNode?) -> EnvironmentClause {
        let pass = (node?["pass"]?.items ?? []).map { item in
            let written = WrittenPath(item.text ?? "")
            return Located(EnvironmentClause.Passed(name: written.path, isOptional: written.isOptional), at: item.location)
        }
        let set = (node?["set"]?.entries ?? []).map { ($0.key, $0.value.text ?? "") }
        let secret = (node?["secret"]?.entries ?? []).compactMap { entry in
            entry.value["from"]?.text.flatMap(EnvironmentClause.Secret.Source.init(rawValue:)).map {
                Located(EnvironmentClause.Secret(name: entry.key, source: $0), at: entry.keyLocation)
            }
        }
        return EnvironmentClause(pass: pass, set: Dictionary(set) { first, _ in first }, secret: secret)
    }

    // MARK: Processes, evidence, approvals

    private static func processes(_ node: YAMLNode?) -> ProcessesClause {
        ProcessesClause(
            spawn: located(node?["spawn"]) { ProcessesClause.Spawn(rawValue: $0) }, tasks: integer(node?["tasks"]),
            memory: located(node?["memory"], Quantity.bytes), cpu: located(node?["cpu"], Quantity.percent))
    }

    private static func evidence(_ node: YAMLNode?) -> EvidenceClause {
        EvidenceClause(
            arguments: located(node?["arguments"]) { EvidenceClause.Arguments(rawValue: $0) },
            durability: located(node?["durability"]) { EvidenceClause.Durability(rawValue: $0) },
            keep: located(node?["keep"], retention))
    }

    private static func retention(_ text: String) -> EvidenceClause.Retention? {
        text.utf8.elementsEqual("forever".utf8) ? .forever : Quantity.seconds(text).map { .seconds($0) }
    }

    private static func approvals(_ node: YAMLNode?) -> ApprovalsClause {
        ApprovalsClause(
            by: node?["by"].map { by in by.items.compactMap { located($0, approver) } },
            within: located(node?["within"], Quantity.seconds), wait: located(node?["wait"], Quantity.seconds))
    }

    static func approver(_ text: String) -> ApprovalsClause.Approver? {
        if text.utf8.elementsEqual("caller".utf8) { return .caller }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        switch parts[0] {
        case "group": return .group(String(parts[1]))
        case "user": return .user(String(parts[1]))
        default: return nil
        }
    }

    // MARK: Values with their places

    static func located<Value>(_ node: YAMLNode?, _ read: (String) -> Value?) -> Located<Value>? {
        guard let node, let text = node.text, let value = read(text) else { return nil }
        return Located(value, at: node.location)
    }

    private static func integer(_ node: YAMLNode?) -> Located<Int>? {
        guard let node, let value = node.scalar?.number?.int64 else { return nil }
        return Located(Int(value), at: node.location)
    }

    /// The entry of `key` in a mapping, compared by bytes.
    static func entry(_ node: YAMLNode?, _ key: String) -> YAMLEntry? {
        node?.entries.first { $0.key.utf8.elementsEqual(key.utf8) }
    }
}
