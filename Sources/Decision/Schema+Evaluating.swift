public import StrictJSON

extension Schema {
    /// Whether a value is valid.
    public func accepts(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool {
        guard hasType(node, tape) else { return false }
        if let values, !isOne(of: values, node, tape) { return false }
        guard tape.kind(of: node) == .object else { return true }
        return hasRequired(node, tape) && membersAreValid(node, tape)
    }

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

    private func membersAreValid(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            guard isValidMember(name, tape) else { return false }
            cursor = tape.nextName(after: name)
        }
        return true
    }

    private func isValidMember(_ name: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        for property in properties where tape.isString(name, property.name) {
            return property.schema.accepts(tape.value(of: name), in: tape)
        }
        return switch additional {
        case .any: true
        case .none: false
        case .schema(let schema): schema.accepts(tape.value(of: name), in: tape)
        }
    }
}
