import StrictJSON

/// One evaluation of a value on its tape: in place, and bounded in depth and in work, whatever schema and value are. What is beyond
/// the bounds is unknown.
struct SchemaEvaluation {
    /// What may still be done: about one for a schema applied to a value.
    private var work = 1 << 18
    private var depth = 0
    /// The value is a member's name, of which case may not matter.
    var isName = false

    private static let deepest = 512

    /// Whether there is work left for something that costs `amount`.
    @inline(__always)
    mutating func spend(_ amount: Int) -> Bool {
        work = max(work - amount, -1)
        return work >= 0
    }

    /// Whether one schema more may be applied within those that are being applied; when it was, there is one to `leave`.
    @inline(__always)
    mutating func enter() -> Bool {
        guard spend(1), depth < Self.deepest else { return false }
        depth += 1
        return true
    }

    @inline(__always)
    mutating func leave() { depth -= 1 }
}

extension SchemaTables {
    func evaluate(_ index: Int32, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation) -> Truth {
        guard evaluation.enter() else { return .unknown }
        defer { evaluation.leave() }
        let schema = nodes[Int(index)]
        guard hasType(schema.types, node, tape) else { return .false }
        var truth = schema.enumerations.isEmpty ? .true : isOneOfValues(schema, node, tape, &evaluation)
        if truth != .false { truth = truth && evaluateKind(schema, node, tape, &evaluation) }
        if truth != .false, let rules = schema.combination { truth = truth && evaluate(combination: rules, node, tape, &evaluation) }
        if truth != .false, let reference = schema.reference { truth = truth && evaluate(reference, node, tape, &evaluation) }
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
        let isInteger = tape.shortDecimal(node)?.isInteger ?? (tape.number(node)?.decimal.isInteger == true)
        return types.contains(isInteger ? .integer : .fraction)
    }

    private func evaluateKind(
        _ schema: Node, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        switch tape.kind(of: node) {
        case .null, .false, .true: return .true
        case .number:
            guard let rules = schema.number else { return .true }
            guard evaluation.spend(tape.range(of: node).count / 64) else { return .unknown }
            return Truth(accepts(number: rules, node, tape))
        case .string:
            guard let rules = schema.string else { return .true }
            guard evaluation.spend(tape.range(of: node).count / 16) else { return .unknown }
            return judge(string: strings[Int(rules)], node, isName: evaluation.isName, tape)
        case .array:
            guard let rules = schema.array else { return .true }
            return evaluate(arrays[Int(rules)], node, tape, &evaluation)
        case .object:
            guard let rules = schema.object else { return .true }
            return evaluate(objects[Int(rules)], node, tape, &evaluation)
        }
    }
}
