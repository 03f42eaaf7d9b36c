import Policy
import StrictJSON

extension ClauseReader {
    static func tools(_ node: YAMLNode?) -> ToolsClause {
        let rules = (node?["rules"]?.items ?? []).enumerated().map { rule($0.element, index: $0.offset) }
        return ToolsClause(
            default: node?["default"]?.text.flatMap { Effect(rawValue: $0) },
            pins: located(node?["pins"]) { ToolsClause.Pins(rawValue: $0) }, rules: rules)
    }

    private static func rule(_ node: YAMLNode, index: Int) -> Rule {
        Rule(
            id: node["id"]?.text ?? RuleNames.defaultName(index),
            tools: (node["tools"]?.items ?? []).compactMap { $0.text.flatMap { ToolPattern($0) } },
            effect: node["effect"]?.text.flatMap { Effect(rawValue: $0) } ?? .deny, arguments: node["arguments"].map(text),
            when: node["when"].flatMap(condition), limit: node["limit"].flatMap(limit), budget: node["budget"].flatMap(budget),
            redact: (node["redact"]?.items ?? []).compactMap(pointer), reason: node["reason"]?.text, labels: labels(node["labels"]),
            isHidden: node["hidden"]?.scalar?.flag ?? false, location: node.location)
    }

    private static func limit(_ node: YAMLNode) -> CallLimit? {
        guard let calls = node["calls"]?.scalar?.number?.int64, let per = node["per"]?.text.flatMap({ CallLimit.Period(rawValue: $0) })
        else { return nil }
        return CallLimit(calls: Int(calls), per: per)
    }

    private static func budget(_ node: YAMLNode) -> Budget? {
        guard let name = node["name"]?.text, let of = node["of"].flatMap(pointer), let limit = node["limit"],
            let per = node["per"]?.text.flatMap({ Budget.Period(rawValue: $0) })
        else { return nil }
        return Budget(name: name, of: of, limit: text(limit), per: per)
    }

    private static func labels(_ node: YAMLNode?) -> [Rule.Label] {
        let labels = (node?.entries ?? []).map { Rule.Label(name: $0.key, value: $0.value.text ?? "") }
        return labels.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
