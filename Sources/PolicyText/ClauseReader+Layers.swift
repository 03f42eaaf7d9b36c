import Policy

extension ClauseReader {
    static func appliesTo(_ node: YAMLNode?) -> Layer.AppliesTo {
        Layer.AppliesTo(
            policies: node?["policies"]?.items.compactMap { $0.text.flatMap { ToolPattern($0) } },
            users: node?["users"]?.items.compactMap(\.text))
    }
}
