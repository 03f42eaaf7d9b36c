import StrictJSON

extension SchemaTables {
    func evaluate(combination position: Int32, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation) -> Truth
    {
        let rules = combinations[Int(position)]
        var truth = all(rules.all, node, tape, &evaluation)
        if truth != .false, !rules.any.isEmpty { truth = truth && any(rules.any, node, tape, &evaluation) }
        if truth != .false, !rules.one.isEmpty { truth = truth && one(rules.one, node, tape, &evaluation) }
        if truth != .false, let not = rules.not { truth = truth && !evaluate(not, node, tape, &evaluation) }
        if truth != .false, rules.condition != nil { truth = truth && conditional(rules, node, tape, &evaluation) }
        return truth
    }

    private func all(_ schemas: Run, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation) -> Truth {
        var truth = Truth.true
        for index in schemas.range where truth != .false { truth = truth && evaluate(lists[index], node, tape, &evaluation) }
        return truth
    }

    private func any(_ schemas: Run, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation) -> Truth {
        var truth = Truth.false
        for index in schemas.range where truth != .true { truth = truth || evaluate(lists[index], node, tape, &evaluation) }
        return truth
    }

    private func one(_ schemas: Run, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation) -> Truth {
        var sure = 0, unsure = 0
        for index in schemas.range where sure < 2 {
            switch evaluate(lists[index], node, tape, &evaluation) {
            case .true: sure += 1
            case .unknown: unsure += 1
            case .false: break
            }
        }
        return .count(sure: sure, unsure: unsure, from: 1, to: 1)
    }

    private func conditional(_ rules: Combination, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation)
        -> Truth
    {
        guard let condition = rules.condition else { return .true }
        let truth = evaluate(condition, node, tape, &evaluation)
        let consequence = truth == .false ? .true : rules.consequence.map { evaluate($0, node, tape, &evaluation) } ?? .true
        let alternative = truth == .true ? .true : rules.alternative.map { evaluate($0, node, tape, &evaluation) } ?? .true
        switch truth {
        case .true: return consequence
        case .false: return alternative
        case .unknown: return consequence == alternative ? consequence : .unknown
        }
    }
}
