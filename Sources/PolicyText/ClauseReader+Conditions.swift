import Policy
import StrictJSON

extension ClauseReader {
    /// `nil` only where the tree has a fault.
    static func condition(_ node: YAMLNode) -> Condition? {
        if let all = node["all"] { return .all(all.items.compactMap(condition)) }
        if let any = node["any"] { return .any(any.items.compactMap(condition)) }
        if let inner = node["not"] { return condition(inner).map { .not($0) } }
        return node["argument"].flatMap(pointer).map { .argument($0, operators(node)) }
    }

    static func pointer(_ node: YAMLNode) -> JSONPointer? { node.text.flatMap { JSONPointer($0) } }

    static func text(_ node: YAMLNode) -> JSONText { JSONText(json: node.json.encoded()) }

    private static func operators(_ node: YAMLNode) -> [Condition.Operator] { node.entries.compactMap { operation($0.key, $0.value) } }

    private static func operation(_ name: String, _ value: YAMLNode) -> Condition.Operator? {
        switch name {
        case "equals": .equals(text(value))
        case "in": .isIn(value.items.map(text))
        case "below": .below(text(value))
        case "at_most": .atMost(text(value))
        case "above": .above(text(value))
        case "at_least": .atLeast(text(value))
        case "starts_with": value.text.map { .startsWith($0) }
        case "ends_with": value.text.map { .endsWith($0) }
        case "contains": .contains(text(value))
        case "matches": value.text.map { .matches($0) }
        case "exists": value.scalar?.flag.map { .exists($0) }
        case "inside": .inside(value.items.compactMap(\.text))
        case "host_in": .hostIn(value.items.compactMap(\.text))
        case "each": .each(operators(value))
        default: nil
        }
    }
}
