public import StrictJSON

extension Schema {
    /// Whether a value is valid. Unknown when a member is named like one that the schema names but for case: which of them the
    /// server would take is not known.
    func evaluate(_ node: JSONNode, in tape: borrowing JSONTape) -> Truth {
        guard hasType(node, tape) else { return .false }
        if let values, !isOne(of: values, node, tape) { return .false }
        guard tape.kind(of: node) == .object else { return .true }
        return Truth(hasRequired(node, tape)) && evaluateMembers(node, tape)
    }

    /// Whether a value is surely valid.
    public func accepts(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool { evaluate(node, in: tape) == .true }

    /// Whether an object without members is valid.
    public var acceptsEmptyObject: Bool {
        guard types.contains(.object), required.isEmpty else { return false }
        return values.map { $0.contains(.object([:])) } ?? true
    }

    private func isOne(of values: [SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        for value in values where value.equals(node, tape) { return true }
        return false
    }

    private func hasType(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        switch tape.kind(of: node) {
        case .null: types.contains(.null)
        case .false, .true: types.contains(.boolean)
        case .number: hasNumber(node, tape)
        case .string: types.contains(.string)
        case .array: types.contains(.array)
        case .object: types.contains(.object)
        }
    }

    private func hasNumber(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        if types.isSuperset(of: [.integer, .fraction]) { return true }
        if types.isDisjoint(with: [.integer, .fraction]) { return false }
        let isInteger = tape.int64(node) != nil || tape.number(node)?.decimal.isInteger == true
        return types.contains(isInteger ? .integer : .fraction)
    }

    private func hasRequired(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        for name in required where tape.member(name, of: node) == nil { return false }
        return true
    }

    private func evaluateMembers(_ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            truth = truth && evaluateMember(name, tape)
            cursor = tape.nextName(after: name)
        }
        return truth
    }

    private func evaluateMember(_ name: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        for property in properties where tape.isString(name, property.name) {
            return property.schema.evaluate(tape.value(of: name), in: tape)
        }
        let rest: Truth =
            switch additional {
            case .any: .true
            case .none: .false
            case .schema(let schema): schema.evaluate(tape.value(of: name), in: tape)
            }
        return mayBeTakenForAnother(name, tape) ? rest && .unknown : rest
    }

    private func mayBeTakenForAnother(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard !properties.isEmpty || !required.isEmpty, let name = tape.stringBytes(node) else { return false }
        let folded = FoldedName(name)
        if properties.contains(where: { $0.folded == folded }) { return true }
        return foldedRequired.contains(folded) && !required.contains(name)
    }
}
