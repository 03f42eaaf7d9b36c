import Policy
import StrictJSON

/// Turns a `Condition` into what is judged.
struct ConditionCompiler {
    let cwd: String?

    private static let deepest = 32

    func compile(_ condition: Condition, depth: Int) throws(ConditionProblem) -> CompiledCondition.Node {
        guard depth < Self.deepest else { throw ConditionProblem(.tooDeep) }
        switch condition {
        case .all(let conditions): return .all(try compile(conditions, depth))
        case .any(let conditions): return .any(try compile(conditions, depth))
        case .not(let condition): return .not(try compile(condition, depth: depth + 1))
        case .argument(let pointer, let operators):
            do { return .argument(ArgumentPlace(pointer), try tests(operators, depth)) } catch {
                throw ConditionProblem(error.kind, of: pointer)
            }
        }
    }

    private func compile(_ conditions: [Condition], _ depth: Int) throws(ConditionProblem) -> [CompiledCondition.Node] {
        guard !conditions.isEmpty else { throw ConditionProblem(.empty) }
        var nodes: [CompiledCondition.Node] = []
        for condition in conditions { nodes.append(try compile(condition, depth: depth + 1)) }
        return nodes
    }

    private func tests(_ operators: [Condition.Operator], _ depth: Int) throws(ConditionProblem) -> [ConditionTest] {
        guard !operators.isEmpty else { throw ConditionProblem(.empty) }
        guard depth < Self.deepest else { throw ConditionProblem(.tooDeep) }
        var tests: [ConditionTest] = []
        for item in operators { tests.append(try test(item, depth)) }
        return tests
    }

    private func test(_ item: Condition.Operator, _ depth: Int) throws(ConditionProblem) -> ConditionTest {
        switch item {
        case .equals(let text): return .equals(try value(text))
        case .isIn(let texts): return .isIn(ConditionValues(try values(texts)))
        case .below(let text): return .number(NumberBound(side: .below, number: try number(text)))
        case .atMost(let text): return .number(NumberBound(side: .atMost, number: try number(text)))
        case .above(let text): return .number(NumberBound(side: .above, number: try number(text)))
        case .atLeast(let text): return .number(NumberBound(side: .atLeast, number: try number(text)))
        case .startsWith(let text): return .startsWith(Array(text.utf8))
        case .endsWith(let text): return .endsWith(Array(text.utf8))
        case .contains(let text):
            let value = try value(text)
            if case .string(let bytes) = value { return .contains(value, text: TextSearch(bytes)) }
            return .contains(value, text: nil)
        case .matches(let pattern): return .matches(try RegularExpression(pattern))
        case .exists(let exists): return .exists(exists)
        case .inside(let paths): return .inside(try LexicalPaths(paths, cwd: cwd))
        case .hostIn(let hosts): return .hostIn(try HostList(hosts))
        case .each(let operators): return .each(try tests(operators, depth + 1))
        }
    }

    private func values(_ texts: [JSONText]) throws(ConditionProblem) -> [SchemaValue] {
        guard !texts.isEmpty else { throw ConditionProblem(.empty) }
        var values: [SchemaValue] = []
        for text in texts { values.append(try value(text)) }
        return values
    }

    private func value(_ text: JSONText) throws(ConditionProblem) -> SchemaValue {
        let json: JSON
        do { json = try JSON(parsing: text.json) } catch { throw ConditionProblem(.notJSON) }
        if let token = Self.inexactNumber(in: json) { throw ConditionProblem(.inexactNumber(token)) }
        return SchemaValue(json)
    }

    private func number(_ text: JSONText) throws(ConditionProblem) -> ExactNumber {
        let written = String(decoding: text.json, as: UTF8.self)
        guard case .number? = try? JSON(parsing: text.json) else { throw ConditionProblem(.notNumber(written)) }
        guard let number = ExactNumber(text) else { throw ConditionProblem(.inexactNumber(written)) }
        return number
    }

    private static func inexactNumber(in json: JSON) -> String? {
        switch json {
        case .null, .bool, .string: nil
        case .number(let number): ExactNumber.isExact(number) ? nil : number.token
        case .array(let values): values.lazy.compactMap(inexactNumber).first
        case .object(let object): object.members.lazy.compactMap { inexactNumber(in: $0.value) }.first
        }
    }
}
