import StrictJSON

extension SchemaTables {
    func evaluate(
        _ rules: ObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = Truth.true
        var count = 0
        var seen = SeenNames(rules)
        var cursor = tape.firstChild(of: node)
        while let name = cursor, truth != .false {
            guard evaluation.spend(1 + Int(rules.known.count / 4 + rules.patterns.count)) else { return .unknown }
            let known = find(name, in: rules.known, tape)
            if let known { seen.insert(known - Int(rules.known.start)) }
            truth = truth && evaluateMember(rules, name, known, tape, &evaluation)
            count += 1
            cursor = tape.nextName(after: name)
        }
        guard truth != .false else { return .false }
        if !seen.hasAll { truth = truth && hasRequired(rules, node, count, tape, &evaluation) }
        guard truth != .false else { return .false }
        truth = truth && hasCount(count, rules, node, tape, &evaluation)
        guard truth != .false, !(rules.dependencies.isEmpty && rules.dependentSchemas.isEmpty) else { return truth }
        return truth && evaluateDependencies(rules, node, tape, &evaluation)
    }

    /// Which required names were seen, if they are few.
    private struct SeenNames {
        private var missing: UInt64
        private let isFew: Bool

        init(_ rules: ObjectRules) {
            isFew = rules.requiredCount < 64
            missing = isFew ? (1 << UInt64(rules.requiredCount)) - 1 : 0
        }

        mutating func insert(_ position: Int) { missing &= ~(1 << UInt64(truncatingIfNeeded: position)) | (position < 64 ? 0 : .max) }

        /// Whether surely all of them were.
        var hasAll: Bool { isFew && missing == 0 }
    }

    private func hasRequired(
        _ rules: ObjectRules, _ node: JSONNode, _ count: Int, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = Truth.true
        for index in rules.known.range.prefix(rules.requiredCount) where truth != .false {
            guard evaluation.spend(count / 8) else { return .unknown }
            truth = truth && hasMember(names[index], node, tape)
        }
        return truth
    }

    private func evaluateMember(
        _ rules: ObjectRules, _ name: JSONNode, _ known: Int?, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = rules.names.map { evaluateName($0, name, tape, &evaluation) } ?? .true
        guard truth != .false else { return .false }
        let value = tape.value(of: name)
        let property = known.flatMap { names[$0].schema }
        if let property { truth = truth && evaluate(property, value, tape, &evaluation) }
        var isSpokenOf = property != nil, isAmbiguous = false
        for index in rules.patterns.range where truth != .false {
            let item = patternProperties[index]
            guard evaluation.spend(tape.range(of: name).count / 16) else { return .unknown }
            let isFound = patterns[Int(item.pattern)].isFound(in: name, tape)
            if isFound { truth = truth && evaluate(item.schema, value, tape, &evaluation) }
            if property == nil, isFound != patterns[Int(item.folding)].isFound(inFoldOf: name, tape) { isAmbiguous = true }
            isSpokenOf = isSpokenOf || isFound
        }
        isAmbiguous = isAmbiguous || known == nil && mayBeTakenForAnother(rules, name, tape)
        if isAmbiguous { return .unknown }
        guard !isSpokenOf, truth != .false, let additional = rules.additional else { return truth }
        return truth && evaluate(additional, value, tape, &evaluation)
    }

    private func evaluateName(
        _ schema: Int32, _ name: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        let wasName = evaluation.isName
        evaluation.isName = true
        defer { evaluation.isName = wasName }
        let truth = evaluate(schema, name, tape, &evaluation)
        return tape.withString(name, Self.hasZero) == true ? .unknown : truth
    }

    private static func hasZero(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == 0 { return true }
        return false
    }

    /// Whether a lax reader takes a member that the schema does not speak of for one that it speaks of.
    private func mayBeTakenForAnother(_ rules: ObjectRules, _ name: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard !rules.known.isEmpty else { return false }
        return tape.withString(name) { name in
            // Folding what is not ASCII costs much: it is done once.
            let folded = FoldedName.isFoldedByByte(name) ? nil : FoldedName(name).text
            for index in rules.known.range {
                let other = text.span.extracting(names[index].folded.range)
                if folded.map({ FoldedName.isSame($0.span, other) }) ?? FoldedName.isFold(name, of: other) { return true }
            }
            return false
        } ?? false
    }

    /// Unknown when it depends on how many members a lax reader takes for one.
    private func hasCount(
        _ count: Int, _ rules: ObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        guard rules.minimum > 1 || rules.maximum < count else { return Truth(count >= rules.minimum) }
        guard evaluation.spend(count * 4) else { return .unknown }
        let folded = foldedCount(node, tape)
        let isValid = rules.minimum <= count && count <= rules.maximum
        return isValid == (rules.minimum <= folded && folded <= rules.maximum) ? Truth(isValid) : .unknown
    }

    private func foldedCount(_ node: JSONNode, _ tape: borrowing JSONTape) -> Int {
        var names: Set<FoldedName> = []
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            if let folded = tape.withString(name, { FoldedName($0) }) { names.insert(folded) }
            cursor = tape.nextName(after: name)
        }
        return names.count
    }

    private func evaluateDependencies(
        _ rules: ObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape, _ evaluation: inout SchemaEvaluation
    ) -> Truth {
        var truth = Truth.true
        for index in rules.dependencies.range where truth != .false {
            let trigger = hasMember(names[Int(dependencies[index].trigger)], node, tape)
            guard trigger != .false else { continue }
            truth = truth && (!trigger || hasMembers(dependencies[index].required, node, tape))
        }
        for index in rules.dependentSchemas.range where truth != .false {
            guard let schema = names[index].schema else { continue }
            let trigger = hasMember(names[index], node, tape)
            guard trigger != .false else { continue }
            truth = truth && (!trigger || evaluate(schema, node, tape, &evaluation))
        }
        return truth
    }

    private func hasMembers(_ run: Run, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for index in run.range { truth = truth && hasMember(names[index], node, tape) }
        return truth
    }
}
