import StrictJSON

extension SchemaEvaluation {
    mutating func evaluate(_ rules: SchemaCombination, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = all(rules.all, node, tape)
        if truth != .false, !rules.any.isEmpty { truth = truth && any(rules.any, node, tape) }
        if truth != .false, !rules.one.isEmpty { truth = truth && one(rules.one, node, tape) }
        if truth != .false, let not = rules.not { truth = truth && !evaluate(not, node, tape) }
        if truth != .false, rules.condition != nil { truth = truth && conditional(rules, node, tape) }
        return truth
    }

    private mutating func all(_ schemas: [Int], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for schema in schemas where truth != .false { truth = truth && evaluate(schema, node, tape) }
        return truth
    }

    private mutating func any(_ schemas: [Int], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.false
        for schema in schemas where truth != .true { truth = truth || evaluate(schema, node, tape) }
        return truth
    }

    private mutating func one(_ schemas: [Int], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var sure = 0, unsure = 0
        for schema in schemas where sure < 2 {
            switch evaluate(schema, node, tape) {
            case .true: sure += 1
            case .unknown: unsure += 1
            case .false: break
            }
        }
        return .count(sure: sure, unsure: unsure, from: 1, to: 1)
    }

    private mutating func conditional(_ rules: SchemaCombination, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard let condition = rules.condition else { return .true }
        let truth = evaluate(condition, node, tape)
        let consequence = truth == .false ? .true : rules.consequence.map { evaluate($0, node, tape) } ?? .true
        let alternative = truth == .true ? .true : rules.alternative.map { evaluate($0, node, tape) } ?? .true
        switch truth {
        case .true: return consequence
        case .false: return alternative
        case .unknown: return consequence == alternative ? consequence : .unknown
        }
    }
}
