public import Policy

/// A policy whose text is without fault and whose variables have no values yet.
public struct PolicyDraft: Sendable {
    let root: YAMLNode
    private let source: String
    private let acceptance: Acceptance

    /// The policy's name; that of its document where it gives none.
    public var name: String { root["name"]?.text ?? DocumentName.of(source) }

    public var description: String? { root["description"]?.text }

    /// `server.command` as written, or `nil` where the caller must give one.
    public var command: [Located<String>]? {
        guard let items = root["server"]?["command"]?.items, !items.isEmpty else { return nil }
        return items.map { Located($0.text ?? "", at: $0.location) }
    }

    /// `server.user` as written; `nil` where it is left to the caller.
    public var user: ServerClause.User? { root["server"]?["user"]?.text.flatMap(ServerClause.User.init(rawValue:)) }

    /// The names in `server.env.secret` that are `from: credential`.
    public var credentials: [Located<String>] {
        ClauseReader.server(root["server"]).environment.secret.filter { $0.value.source == .credential }.map {
            Located($0.value.name, at: $0.location)
        }
    }

    /// Names of all that `server.env` gives the server, whatever it takes each from.
    public var environmentNames: [String] {
        let environment = ClauseReader.server(root["server"]).environment
        return environment.pass.map(\.value.name) + environment.set.keys + environment.secret.map(\.value.name)
    }

    /// The declared inputs, in file order.
    public var inputs: [DeclaredInput] {
        (root["inputs"]?.entries ?? []).map { entry in
            let scalar = entry.value.scalar
            return DeclaredInput(name: entry.key, defaultValue: scalar?.isNothing ?? true ? nil : scalar?.text, location: entry.keyLocation)
        }
    }

    init(source: String, root: YAMLNode, accepting acceptance: Acceptance) {
        self.source = source
        self.root = root
        self.acceptance = acceptance
    }

    /// `server.command` with variables expanded, for finding the directory that `${server}` stands for.
    ///
    /// Errors: R115 and R116 of the command's own variables.
    public func expandedCommand(with variables: PolicyVariables) throws(Refusal) -> [Located<String>]? {
        guard command != nil, let node = root["server"]?["command"] else { return nil }
        var variables = variables
        variables.server = nil
        var expansion = Expansion(variables, declared: inputs)
        let expanded = expansion.expanded(node)?.items ?? []
        try Refusal.check(expansion.reasons)
        return expanded.map { Located($0.text ?? "", at: $0.location) }
    }

    /// The policy with all variables expanded and all values judged.
    ///
    /// Errors: every reason found, in file order, what is not enforced yet among them.
    public func expanded(with variables: PolicyVariables) throws(Refusal) -> ExpandedPolicy {
        var expansion = Expansion(variables, declared: inputs)
        let entries = root.entries.filter { !$0.key.utf8.elementsEqual("inputs".utf8) && !$0.key.utf8.elementsEqual("include".utf8) }
        let tree = expansion.expanded(YAMLNode(content: .mapping(entries), location: root.location)) ?? root
        let checked = Checker.check(tree, as: .policy, at: .expanded)
        let faults = expansion.reasons + checked.reasons
        let reasons = faults + (faults.isEmpty ? RuleCheck.reasons(against: tree) : []) + acceptance.refused(checked.notEnforced)
        try Refusal.check(ReasonOrder.sorted(reasons, files: [source]))
        return ExpandedPolicy(name: name, root: tree)
    }
}
