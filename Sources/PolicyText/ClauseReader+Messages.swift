import Policy

extension ClauseReader {
    static func messages(_ node: YAMLNode?) -> MessagesClause {
        MessagesClause(
            resources: patterns(node, "resources"), prompts: patterns(node, "prompts"), sampling: effect(node?["sampling"]),
            elicitation: effect(node?["elicitation"]), roots: effect(node?["roots"]))
    }

    private static func effect(_ node: YAMLNode?) -> Located<Effect>? { located(node) { Effect(rawValue: $0) } }

    private static func patterns(_ node: YAMLNode?, _ key: String) -> Located<PatternGrant>? {
        guard let entry = entry(node, key) else { return nil }
        let patterns = entry.value.items.compactMap { $0.text.flatMap { ToolPattern($0) } }
        return Located(patterns.isEmpty ? .none : .patterns(patterns), at: entry.keyLocation)
    }
}
