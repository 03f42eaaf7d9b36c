import StrictJSON

/// One evaluation of a value on its tape: in place, and bounded in depth and in work, whatever schema and value are. What is beyond
/// the bounds is unknown.
struct SchemaEvaluation {
    let nodes: [SchemaNode]
    /// What may still be done: about one for a schema applied to a value.
    private var work = 1 << 18
    private var depth = 0
    /// The value is a member's name, of which case may not matter.
    var isName = false

    private static let deepest = 512

    init(_ nodes: [SchemaNode]) { self.nodes = nodes }

    /// Whether there is work left for something that costs `amount`.
    mutating func spend(_ amount: Int) -> Bool {
        work = max(work - amount, -1)
        return work >= 0
    }

    mutating func evaluate(_ index: Int, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard spend(1), depth < Self.deepest else { return .unknown }
        guard hasType(nodes[index].types, node, tape) else { return .false }
        depth += 1
        defer { depth -= 1 }
        var truth = nodes[index].values.isEmpty ? .true : isOneOfValues(index, node, tape)
        if truth != .false { truth = truth && evaluateKind(index, node, tape) }
        if truth != .false, let combination = nodes[index].combined { truth = truth && evaluate(combination.rules, node, tape) }
        if truth != .false, let reference = nodes[index].reference { truth = truth && evaluate(reference, node, tape) }
        return truth
    }

    private func hasType(_ types: SchemaTypes, _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        switch tape.kind(of: node) {
        case .null: types.contains(.null)
        case .false, .true: types.contains(.boolean)
        case .number: hasNumber(types, node, tape)
        case .string: types.contains(.string)
        case .array: types.contains(.array)
        case .object: types.contains(.object)
        }
    }

    private func hasNumber(_ types: SchemaTypes, _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        if types.isSuperset(of: [.integer, .fraction]) { return true }
        if types.isDisjoint(with: [.integer, .fraction]) { return false }
        let isInteger = tape.int64(node) != nil || tape.number(node)?.decimal.isInteger == true
        return types.contains(isInteger ? .integer : .fraction)
    }

    private mutating func isOneOfValues(_ index: Int, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for list in nodes[index].values {
            guard spend(list.count / 8) else { return .unknown }
            truth = truth && isOne(of: list, node, tape)
        }
        return truth
    }

    private func isOne(of values: [SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.false
        for value in values {
            truth = truth || value.equals(node, tape)
            if truth == .true { return .true }
        }
        guard isName, truth == .false else { return truth }
        for case .string(let name) in values {
            let folded = FoldedName(name)
            if tape.withString(node, { folded.isFold(of: $0) }) == true { return .unknown }
        }
        return .false
    }

    private mutating func evaluateKind(_ index: Int, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        switch tape.kind(of: node) {
        case .null, .false, .true: return .true
        case .number:
            guard let rules = nodes[index].number else { return .true }
            guard spend(tape.range(of: node).count / 64) else { return .unknown }
            return Truth(rules.rules.accept(node, tape))
        case .string:
            guard let rules = nodes[index].string else { return .true }
            guard spend(tape.range(of: node).count / 16) else { return .unknown }
            return rules.rules.judge(node, isName: isName, tape)
        case .array:
            guard let rules = nodes[index].array else { return .true }
            return evaluate(rules.rules, node, tape)
        case .object:
            guard let rules = nodes[index].object else { return .true }
            return evaluate(rules.rules, node, tape)
        }
    }
}
