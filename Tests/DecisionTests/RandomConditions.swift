import Decision
import Policy
import StrictJSON
import TestSupport

/// Conditions and arguments over few names and values, so that they meet often.
struct RandomConditions {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &generator)] }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    mutating func value(_ depth: Int = 2) -> JSON {
        switch below(depth > 0 ? 9 : 6) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2, 3:
            return pick(
                ["0", "1", "1.0", "-1", "2e0", "0.5", "12345678901234567890"].compactMap { JSONNumber(token: $0) }.map(JSON.number))
        case 4, 5: return .string(pick(["", "a", "aa", "ab", "b", "A", "a\u{0}"]))
        case 6: return .array((0..<below(3)).map { _ in value(depth - 1) })
        default: return object(depth - 1)
        }
    }

    mutating func object(_ depth: Int = 2) -> JSON {
        var object = JSONObject()
        for _ in 0..<below(4) { object[pick(["a", "b", "A", "B", "0", "a\u{0}", ""])] = value(depth) }
        return .object(object)
    }

    private mutating func pointer() -> JSONPointer {
        JSONPointer((0...below(2)).map { _ in "/" + pick(["a", "b", "A", "0", "1", ""]) }.joined()) ?? JSONPointer("")!
    }

    private mutating func exact(_ depth: Int = 1) -> JSONText {
        while true {
            let text = value(depth).encoded()
            if !String(decoding: text, as: UTF8.self).contains("12345678901234567890") { return JSONText(json: text) }
        }
    }

    private mutating func bound() -> JSONText { text(pick(["0", "1", "-0.5", "1.5e0", "2"])) }

    mutating func operation(_ depth: Int = 2) -> Condition.Operator {
        switch below(depth > 0 ? 12 : 11) {
        case 0: .equals(exact())
        case 1: .isIn((0...below(3)).map { _ in exact() })
        case 2: .below(bound())
        case 3: .atMost(bound())
        case 4: .above(bound())
        case 5: .atLeast(bound())
        case 6: .startsWith(pick(["", "a", "ab"]))
        case 7: .endsWith(pick(["", "a", "b"]))
        case 8: .contains(exact(0))
        case 9: .matches("^a+$")
        case 10: .exists(below(2) == 0)
        default: .each((0...below(2)).map { _ in operation(depth - 1) })
        }
    }

    mutating func condition(_ depth: Int = 3) -> Condition {
        switch below(depth > 0 ? 6 : 3) {
        case 3: .all((0...below(3)).map { _ in condition(depth - 1) })
        case 4: .any((0...below(3)).map { _ in condition(depth - 1) })
        case 5: .not(condition(depth - 1))
        default: .argument(pointer(), (0...below(2)).map { _ in operation() })
        }
    }
}
