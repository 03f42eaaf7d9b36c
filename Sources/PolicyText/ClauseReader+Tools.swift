import Policy
import StrictJSON

extension ClauseReader {
    static func tools(_ node: YAMLNode?) -> ToolsClause {
        let rules = (node?["rules"]?.items ?? []).enumerated().map { rule($0.element, index: $0.offset) }
        return ToolsClause(default: node?["default"]?.text.flatMap { Effect(rawValue: $0) }, rules: rules)
    }

    private static func rule(_ node: YAMLNode, index: Int) -> Rule {
        Rule(
            id: node["id"]?.text ?? RuleNames.defaultName(index),
            tools: (node["tools"]?.items ?? []).compactMap { $0.text.flatMap { ToolPattern($0) } },
            effect: effect(node["effect"]), arguments: node["arguments"].map { JSONText(json: $0.json.encoded()) },
            reason: node["reason"]?.text, location: node.location)
    }

    private static func effect(_ node: YAMLNode?) -> Effect { node?.text.flatMap { Effect(rawValue: $0) } ?? .deny }
}
