import StrictJSON

/// `enum` and `const`, numbers, strings.
extension SchemaTables {
    func isOneOfValues(
        _ schema: Node, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = Truth.true
        for list in schema.enumerations.range {
            let run = enumerations[list]
            guard evaluation.spend(Int(run.count) / 8) else { return .unknown }
            truth = truth && isOne(of: run, node, isName: evaluation.isName, tape)
        }
        return truth
    }

    private func isOne(of run: Run, _ node: JSONNode, isName: Bool, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.false
        for index in run.range {
            truth = truth || equals(constants[index], node, tape)
            if truth == .true { return .true }
        }
        guard isName, truth == .false else { return truth }
        for index in run.range {
            if case .string(let name) = constants[index], isFold(node, of: names[Int(name)], tape) { return .unknown }
        }
        return .false
    }

    private func equals(_ constant: Constant, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        switch constant {
        case .null: Truth(tape.kind(of: node) == .null)
        case .bool(let value): Truth(tape.kind(of: node) == (value ? .true : .false))
        case .string(let name): Truth(tape.kind(of: node) == .string && isName(node, names[Int(name)], tape))
        case .number(let value): Truth(tape.shortDecimal(node).map { $0 == value } ?? (tape.number(node)?.decimal.short == value))
        case .other(let value): values[Int(value)].equals(node, tape)
        }
    }

    func accepts(number position: Int32, _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        let rules = numbers[Int(position)]
        if rules.isWhole, let value = tape.shortDecimal(node) { return rules.accept(value) }
        return tape.number(node).map { exactNumbers[Int(position)].accept($0.decimal) } ?? true
    }

    func judge(string rules: StringRules, _ node: JSONNode, isName: Bool, _ tape: borrowing JSONTape) -> Truth {
        guard hasLength(rules, node, tape) else { return .false }
        var truth = Truth.true
        if let pattern = rules.pattern {
            truth = isName ? judgeName(rules, node, tape) : Truth(patterns[Int(pattern)].isFound(in: node, tape))
        }
        guard truth != .false, let format = rules.format else { return truth }
        return truth && (tape.withString(node) { format.judge($0) } ?? .true)
    }

    /// Lengths are in Unicode scalars: of which a string has none only where it is empty, and at most as many as bytes.
    private func hasLength(_ rules: StringRules, _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        let bytes = tape.range(of: node).count
        if rules.minimum <= min(bytes, 1), bytes <= rules.maximum { return true }
        let count = tape.scalarCount(of: node)
        return rules.minimum <= count && count <= rules.maximum
    }

    /// Unknown when it depends on case.
    private func judgeName(_ rules: StringRules, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard let pattern = rules.pattern, let folding = rules.folding else { return .true }
        let exact = patterns[Int(pattern)].isFound(in: node, tape)
        return exact == patterns[Int(folding)].isFound(inFoldOf: node, tape) ? Truth(exact) : .unknown
    }
}

extension SchemaTables.NumberRules {
    func accept(_ value: JSONShortDecimal) -> Bool {
        if let minimum, value < minimum { return false }
        if let maximum, maximum < value { return false }
        if let exclusiveMinimum, value <= exclusiveMinimum { return false }
        if let exclusiveMaximum, value >= exclusiveMaximum { return false }
        if let divisor, !value.isMultiple(of: divisor) { return false }
        return true
    }
}
