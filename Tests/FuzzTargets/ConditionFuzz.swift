import Decision
import Policy
import StrictJSON

enum ConditionFuzz {
    private static let cwd = "/home/ann/notes"

    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        let (first, second) = halves(bytes)
        let operand = String(decoding: first, as: UTF8.self), value = String(decoding: second, as: UTF8.self)
        let text = JSONText(json: JSON.string(operand).encoded())
        var tape = JSONTape(seed: 1)
        guard (try? tape.parse(JSON.object(JSONObject([("a", .string(value))])).encoded())) != nil else { return }
        try check(.startsWith(operand), tape, Array(value.utf8).starts(with: operand.utf8))
        try check(.endsWith(operand), tape, Array(value.utf8).reversed().starts(with: operand.utf8.reversed()))
        try check(.equals(text), tape, value.utf8.elementsEqual(operand.utf8))
        try check(.isIn([text]), tape, value.utf8.elementsEqual(operand.utf8))
        try check(.inside([operand]), tape, isInside(value, operand))
        try check(.contains(text), tape, nil)
        try check(.matches(operand), tape, nil)
        try check(.hostIn([operand]), tape, nil)
    }

    /// What is allowed when an operator holds, is what is expected; and what is denied when it does not hold, is the same.
    private static func check(
        _ operation: Condition.Operator, _ tape: borrowing JSONTape, _ expected: Bool?
    ) throws(Contradiction) {
        guard let pointer = JSONPointer("/a"), let all = ToolPattern("*") else { return }
        let condition = Condition.argument(pointer, [operation])
        func isForwarded(_ effect: Effect, _ condition: Condition) -> Bool? {
            let clause = ToolsClause(
                default: effect == .allow ? .deny : .allow, rules: [Rule(id: "r", tools: [all], effect: effect, when: condition)])
            let judgement = try? LayeredRules(policy: clause, cwd: cwd).judge(Array("t".utf8), arguments: .root, in: tape)
            return judgement.map { $0.effect == .allow }
        }
        guard let holds = isForwarded(.allow, condition), let fails = isForwarded(.allow, .not(condition)) else { return }
        try Contradiction.unless(!(holds && fails), "an operator and its negation hold: \(operation)")
        let isKnown = holds || fails
        try Contradiction.unless(isForwarded(.deny, condition) == (isKnown && !holds), "unknown does not deny: \(operation)")
        guard let expected, isKnown else { return }
        try Contradiction.unless(holds == expected, "expected \(expected): \(operation)")
    }

    private static func isInside(_ path: String, _ root: String) -> Bool {
        normal(path).starts(with: normal(root))
    }

    private static func normal(_ path: String) -> [[UInt8]] {
        let whole = Array(path.utf8).first == UInt8(ascii: "/") ? path : "\(cwd)/\(path)"
        var components: [[UInt8]] = []
        for part in whole.utf8.split(separator: UInt8(ascii: "/")).map(Array.init) {
            if part.elementsEqual("..".utf8) { _ = components.popLast() } else if !part.elementsEqual(".".utf8) { components.append(part) }
        }
        return components
    }
}
