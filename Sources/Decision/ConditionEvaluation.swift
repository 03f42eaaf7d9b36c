import StrictJSON

/// One evaluation of a condition on the arguments' tape, bounded in work; what is beyond is unknown.
struct ConditionEvaluation {
    /// What may still be done: about one for a small value that is compared.
    private var work = 1 << 18

    private mutating func spend(_ amount: Int) -> Bool {
        work = max(work - amount, -1)
        return work >= 0
    }

    mutating func evaluate(_ node: CompiledCondition.Node, _ arguments: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth: Truth
        switch node {
        case .all(let nodes):
            truth = .true
            for node in nodes where truth != .false { truth = truth && evaluate(node, arguments, tape) }
        case .any(let nodes):
            truth = .false
            for node in nodes where truth != .true { truth = truth || evaluate(node, arguments, tape) }
        case .not(let node): truth = !evaluate(node, arguments, tape)
        case .argument(let place, let tests):
            guard spend(1 + tape.count(of: arguments) / 8) else { return .unknown }
            let target = place.find(from: arguments, tape)
            truth = .true
            for test in tests where truth != .false { truth = truth && evaluate(test, at: target, tape) }
        }
        return truth
    }

    mutating func evaluate(_ test: ConditionTest, at target: ArgumentPlace.Target, _ tape: borrowing JSONTape) -> Truth {
        switch target {
        case .found(let node): return evaluate(test, node, tape)
        case .ambiguous: return .unknown
        case .missing:
            guard case .exists(let exists) = test else { return .unknown }
            return Truth(!exists)
        }
    }

    private mutating func evaluate(_ test: ConditionTest, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard spend(1) else { return .unknown }
        switch test {
        case .equals(let value): return equals(value, node, tape)
        case .isIn(let values): return isIn(values, node, tape)
        case .number(let bound): return ExactNumber(node, tape).map { Truth(bound.accepts($0.decimal)) } ?? .unknown
        case .startsWith(let text): return judge(node, tape) { Self.hasPrefix(text, $0) }
        case .endsWith(let text): return judge(node, tape) { Self.hasSuffix(text, $0) }
        case .contains(let value, let text): return contains(value, text, node, tape)
        case .matches(let expression): return judge(node, tape) { Truth(expression.isFound(in: $0)) }
        case .exists(let exists): return Truth(exists)
        case .inside(let paths): return judge(node, tape) { paths.contains($0) }
        case .hostIn(let hosts):
            guard spend(hosts.cost) else { return .unknown }
            return judge(node, tape) { hosts.contains($0) }
        case .each(let tests): return each(tests, node, tape)
        }
    }

    /// Unknown for what is no string.
    private mutating func judge(_ node: JSONNode, _ tape: borrowing JSONTape, _ body: (Span<UInt8>) -> Truth) -> Truth {
        guard tape.kind(of: node) == .string, spend(tape.range(of: node).count / 16) else { return .unknown }
        return tape.withString(node, body) ?? .unknown
    }

    private mutating func equals(_ value: SchemaValue, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard spend(tape.range(of: node).count / 16), ExactNumber.areExact(in: node, tape, &work) else { return .unknown }
        return value.equals(node, tape)
    }

    private mutating func isIn(_ values: ConditionValues, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        if tape.kind(of: node) == .string { return judge(node, tape) { Truth(values.contains($0)) } }
        guard spend(values.others.count * (1 + tape.range(of: node).count / 16)) else { return .unknown }
        guard ExactNumber.areExact(in: node, tape, &work) else { return .unknown }
        var truth = Truth.false
        for value in values.others where truth != .true { truth = truth || value.equals(node, tape) }
        return truth
    }

    private mutating func contains(_ value: SchemaValue, _ text: TextSearch?, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        switch tape.kind(of: node) {
        case .string: return text.map { text in judge(node, tape) { Truth(text.isFound(in: $0)) } } ?? .unknown
        case .null, .false, .true, .number, .object: return .unknown
        case .array: break
        }
        var truth = Truth.false
        var cursor = tape.firstChild(of: node)
        while let element = cursor, truth != .true {
            guard spend(1) else { return .unknown }
            truth = truth || equals(value, element, tape)
            cursor = tape.nextElement(after: element)
        }
        return truth
    }

    private mutating func each(_ tests: [ConditionTest], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard tape.kind(of: node) == .array else { return .unknown }
        var truth = Truth.true
        var cursor = tape.firstChild(of: node)
        while let element = cursor, truth != .false {
            guard spend(1) else { return .unknown }
            for test in tests where truth != .false { truth = truth && evaluate(test, element, tape) }
            cursor = tape.nextElement(after: element)
        }
        return truth
    }

    private static func hasPrefix(_ part: [UInt8], _ text: Span<UInt8>) -> Truth {
        guard text.count >= part.count else { return .false }
        for index in part.indices where part[index] != text[index] { return .false }
        return .true
    }

    private static func hasSuffix(_ part: [UInt8], _ text: Span<UInt8>) -> Truth {
        let start = text.count - part.count
        guard start >= 0 else { return .false }
        for index in part.indices where part[index] != text[start + index] { return .false }
        return .true
    }
}
