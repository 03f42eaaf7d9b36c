import Policy
import StrictJSON

/// Conditions and operators are each an array that begins with a word.
extension Condition {
    var json: JSON {
        switch self {
        case .all(let conditions): ["all", .array(conditions.map(\.json))]
        case .any(let conditions): ["any", .array(conditions.map(\.json))]
        case .not(let condition): ["not", condition.json]
        case .argument(let pointer, let operators): ["argument", .string(pointer.text), .array(operators.map(\.json))]
        }
    }

    init?(json: JSON, depth: Int = 0) {
        guard depth < 64, let parts = json.array, let word = parts.first?.string else { return nil }
        switch (word, parts.count) {
        case ("all", 2):
            guard let conditions = RuleReader.all(parts[1], { Condition(json: $0, depth: depth + 1) }) else { return nil }
            self = .all(conditions)
        case ("any", 2):
            guard let conditions = RuleReader.all(parts[1], { Condition(json: $0, depth: depth + 1) }) else { return nil }
            self = .any(conditions)
        case ("not", 2):
            guard let condition = Condition(json: parts[1], depth: depth + 1) else { return nil }
            self = .not(condition)
        case ("argument", 3):
            guard let pointer = parts[1].string.flatMap({ JSONPointer($0) }),
                let operators = RuleReader.all(parts[2], { Operator(json: $0, depth: depth + 1) })
            else { return nil }
            self = .argument(pointer, operators)
        default: return nil
        }
    }
}

extension Condition.Operator {
    var json: JSON {
        switch self {
        case .equals(let value): ["equals", value.tree]
        case .isIn(let values): ["in", .array(values.map(\.tree))]
        case .below(let number): ["below", number.tree]
        case .atMost(let number): ["at_most", number.tree]
        case .above(let number): ["above", number.tree]
        case .atLeast(let number): ["at_least", number.tree]
        case .startsWith(let text): ["starts_with", .string(text)]
        case .endsWith(let text): ["ends_with", .string(text)]
        case .contains(let value): ["contains", value.tree]
        case .matches(let pattern): ["matches", .string(pattern)]
        case .exists(let exists): ["exists", .bool(exists)]
        case .inside(let paths): ["inside", .array(paths.map(JSON.string))]
        case .hostIn(let hosts): ["host_in", .array(hosts.map(JSON.string))]
        case .each(let operators): ["each", .array(operators.map(\.json))]
        }
    }

    init?(json: JSON, depth: Int) {
        guard depth < 64, let parts = json.array, parts.count == 2, let word = parts[0].string else { return nil }
        let value = parts[1], text = JSONText(json: value.encoded())
        switch word {
        case "equals": self = .equals(text)
        case "below": self = .below(text)
        case "at_most": self = .atMost(text)
        case "above": self = .above(text)
        case "at_least": self = .atLeast(text)
        case "contains": self = .contains(text)
        default:
            guard let other = Self(word, value, depth: depth) else { return nil }
            self = other
        }
    }

    private init?(_ word: String, _ value: JSON, depth: Int) {
        switch (word, value) {
        case ("starts_with", .string(let text)): self = .startsWith(text)
        case ("ends_with", .string(let text)): self = .endsWith(text)
        case ("matches", .string(let pattern)): self = .matches(pattern)
        case ("exists", .bool(let exists)): self = .exists(exists)
        case ("in", .array(let values)): self = .isIn(values.map { JSONText(json: $0.encoded()) })
        case ("inside", .array):
            guard let paths = RuleReader.all(value, \.string) else { return nil }
            self = .inside(paths)
        case ("host_in", .array):
            guard let hosts = RuleReader.all(value, \.string) else { return nil }
            self = .hostIn(hosts)
        case ("each", .array):
            guard let operators = RuleReader.all(value, { Condition.Operator(json: $0, depth: depth + 1) }) else { return nil }
            self = .each(operators)
        default: return nil
        }
    }
}
