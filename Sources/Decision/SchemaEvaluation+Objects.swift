import StrictJSON

extension SchemaEvaluation {
    mutating func evaluate(_ rules: SchemaObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for name in rules.required where truth != .false { truth = truth && hasMember(name, node, tape) }
        guard truth != .false else { return .false }
        var count = 0
        var cursor = tape.firstChild(of: node)
        while let name = cursor, truth != .false {
            guard spend(1 + rules.spokenOf.count / 8 + rules.patterns.count) else { return .unknown }
            truth = truth && evaluateMember(rules, name, tape)
            count += 1
            cursor = tape.nextName(after: name)
        }
        guard truth != .false else { return .false }
        truth = truth && hasCount(count, rules, node, tape)
        return truth == .false ? .false : truth && evaluateDependencies(rules, node, tape)
    }

    /// Unknown when there is none but one that a lax reader takes for it.
    private func hasMember(_ name: SchemaName, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        if tape.member(name.bytes, of: node) != nil { return .true }
        var cursor = tape.firstChild(of: node)
        while let member = cursor {
            if tape.withString(member, { name.folded.isFold(of: $0) }) == true { return .unknown }
            cursor = tape.nextName(after: member)
        }
        return .false
    }

    private mutating func evaluateMember(_ rules: SchemaObjectRules, _ name: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = rules.names.map { evaluateName($0, name, tape) } ?? .true
        guard truth != .false else { return .false }
        let value = tape.value(of: name)
        let property = rules.properties.first { tape.isString(name, $0.name.bytes) }
        if let property { truth = truth && evaluate(property.schema, value, tape) }
        var isSpokenOf = property != nil, isAmbiguous = false
        for item in rules.patterns where truth != .false {
            guard spend(tape.range(of: name).count / 16) else { return .unknown }
            let isFound = item.pattern.isFound(in: name, tape)
            if isFound { truth = truth && evaluate(item.schema, value, tape) }
            if property == nil, isFound != item.folding.isFound(inFoldOf: name, tape) { isAmbiguous = true }
            isSpokenOf = isSpokenOf || isFound
        }
        isAmbiguous = isAmbiguous || property == nil && mayBeTakenForAnother(rules, name, tape)
        if isAmbiguous { return .unknown }
        guard !isSpokenOf, truth != .false, let additional = rules.additional else { return truth }
        return truth && evaluate(additional, value, tape)
    }

    private mutating func evaluateName(_ schema: Int, _ name: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        let wasName = isName
        isName = true
        defer { isName = wasName }
        let truth = evaluate(schema, name, tape)
        return tape.withString(name, Self.hasZero) == true ? .unknown : truth
    }

    private static func hasZero(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == 0 { return true }
        return false
    }

    /// Whether a lax reader takes a member for one that the schema speaks of.
    private func mayBeTakenForAnother(_ rules: SchemaObjectRules, _ name: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard !rules.spokenOf.isEmpty else { return false }
        return tape.withString(name) { text in
            var isFold = false
            for other in rules.spokenOf where other.folded.isFold(of: text) {
                if tape.isString(name, other.bytes) { return false }
                isFold = true
            }
            return isFold
        } ?? false
    }

    /// Unknown when it depends on how many members a lax reader takes for one.
    private mutating func hasCount(_ count: Int, _ rules: SchemaObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard rules.minimum > 1 || rules.maximum < count else { return Truth(count >= rules.minimum) }
        guard spend(count * 4) else { return .unknown }
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

    private mutating func evaluateDependencies(_ rules: SchemaObjectRules, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for dependency in rules.dependencies where truth != .false {
            let trigger = hasMember(dependency.name, node, tape)
            guard trigger != .false else { continue }
            truth = truth && (!trigger || hasMembers(dependency.required, node, tape))
        }
        for dependent in rules.dependentSchemas where truth != .false {
            let trigger = hasMember(dependent.name, node, tape)
            guard trigger != .false else { continue }
            truth = truth && (!trigger || evaluate(dependent.schema, node, tape))
        }
        return truth
    }

    private func hasMembers(_ names: [SchemaName], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var truth = Truth.true
        for name in names { truth = truth && hasMember(name, node, tape) }
        return truth
    }
}
