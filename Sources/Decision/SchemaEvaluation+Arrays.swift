import StrictJSON

extension SchemaTables {
    func evaluate(
        _ rules: ArrayRules, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = Truth.true
        var count = 0, sure = 0, unsure = 0
        var cursor = tape.firstChild(of: node)
        while let element = cursor, truth != .false {
            guard evaluation.spend(1) else { return .unknown }
            if let schema = rules.schema(ofElement: count, lists) { truth = truth && evaluate(schema, element, tape, &evaluation) }
            if let contained = rules.contained {
                let truth = evaluate(contained, element, tape, &evaluation)
                if truth == .true { sure += 1 } else if truth == .unknown { unsure += 1 }
            }
            count += 1
            cursor = tape.nextElement(after: element)
        }
        guard truth != .false, count >= rules.minimum, count <= rules.maximum else { return .false }
        if rules.contained != nil {
            truth = truth && .count(sure: sure, unsure: unsure, from: rules.leastContained, to: rules.mostContained)
        }
        return rules.isUnique && count > 1 && truth != .false ? truth && areUnique(node, count, tape, &evaluation) : truth
    }

    private func areUnique(
        _ node: JSONNode, _ count: Int, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        if count <= 16, let answer = areUniqueStrings(node, tape) { return Truth(answer) }
        guard evaluation.spend(tape.range(of: node).count / 2) else { return .unknown }
        guard case .array(let values) = SchemaValue(node, tape), Set(values).count == values.count else { return .false }
        let folded = values.compactMap(\.folded)
        return Set(folded).count == values.count ? .true : .unknown
    }

    /// Whether a few strings differ from each other; nil when not all are strings.
    private func areUniqueStrings(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool? {
        var isUnique = true
        var cursor = tape.firstChild(of: node)
        while let element = cursor {
            guard tape.kind(of: element) == .string else { return nil }
            var earlier = tape.firstChild(of: node)
            while let other = earlier, other != element {
                if tape.areEqualStrings(other, element) { isUnique = false }
                earlier = tape.nextElement(after: other)
            }
            cursor = tape.nextElement(after: element)
        }
        return isUnique
    }
}

extension SchemaTables.ArrayRules {
    @inline(__always)
    fileprivate func schema(ofElement index: Int, _ lists: borrowing [Int32]) -> Int32? {
        index < Int(first.count) ? lists[Int(first.start) + index] : rest
    }
}
