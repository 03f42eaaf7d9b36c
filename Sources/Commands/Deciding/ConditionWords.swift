import Policy

/// Conditions of rules in words.
enum ConditionWords {
    static func words(_ condition: Condition) -> String { words(condition, isInner: false) }

    private static func words(_ condition: Condition, isInner: Bool) -> String {
        switch condition {
        case .all(let all): joined(all, " and ", isInner)
        case .any(let any): joined(any, " or ", isInner)
        case .not(let inner): "not (\(words(inner, isInner: false)))"
        case .argument(let pointer, let operators):
            joined(operators.map { words($0, of: pointer) }, " and ", isInner && operators.count > 1)
        }
    }

    private static func joined(_ conditions: [Condition], _ word: String, _ isInner: Bool) -> String {
        joined(conditions.map { words($0, isInner: conditions.count > 1) }, word, isInner && conditions.count > 1)
    }

    private static func joined(_ parts: [String], _ word: String, _ isInner: Bool) -> String {
        let text = parts.joined(separator: word)
        return isInner ? "(\(text))" : text
    }

    /// One operator on one argument.
    static func words(_ test: Condition.Operator, of pointer: JSONPointer) -> String {
        let argument = pointer.text.isEmpty ? "the arguments" : Escaping.quoted(pointer.text)
        return "\(argument) \(words(test))"
    }

    private static func words(_ test: Condition.Operator) -> String {
        switch test {
        case .equals(let value): "is \(text(value))"
        case .isIn(let values): "is one of \(values.map(text).joined(separator: ", "))"
        case .below(let number): "is below \(text(number))"
        case .atMost(let number): "is at most \(text(number))"
        case .above(let number): "is above \(text(number))"
        case .atLeast(let number): "is at least \(text(number))"
        case .startsWith(let start): "starts with \(Escaping.quoted(start))"
        case .endsWith(let end): "ends with \(Escaping.quoted(end))"
        case .contains(let value): "contains \(text(value))"
        case .matches(let pattern): "matches \(Escaping.quoted(pattern))"
        case .exists(let is_): is_ ? "is there" : "is not there"
        case .inside(let paths): "lies in \(either(paths))"
        case .hostIn(let hosts): "has its host in \(hosts.map { Escaping.quoted($0) }.joined(separator: ", "))"
        case .each(let tests): "has only elements of which each \(tests.map { words($0) }.joined(separator: " and "))"
        }
    }

    private static func either(_ paths: [String]) -> String { paths.map { Escaping.quoted($0) }.joined(separator: " or ") }

    private static func text(_ json: JSONText) -> String { Escaping.quoted(String(decoding: json.json, as: UTF8.self)) }
}
