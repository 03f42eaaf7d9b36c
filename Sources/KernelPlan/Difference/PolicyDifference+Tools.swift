import Policy
import StrictJSON

extension PolicyDifference {
    static func rules(_ old: ToolsClause, _ new: ToolsClause) -> [PolicyChange] {
        var changes: [PolicyChange] = []
        let (before, after) = (old.default ?? .deny, new.default ?? .deny)
        if before != after { changes.append(.toolDefault(from: before, to: after)) }
        for rule in new.rules {
            guard let same = old.rules.first(where: { $0.hasID(of: rule) }) else {
                changes.append(.rule(id: rule.id, .added(rule)))
                continue
            }
            let fields = rule.fields(otherThan: same)
            if !fields.isEmpty { changes.append(.rule(id: rule.id, .changed(from: same, to: rule, fields))) }
        }
        for rule in old.rules where !new.rules.contains(where: { $0.hasID(of: rule) }) {
            changes.append(.rule(id: rule.id, .removed(rule)))
        }
        return changes
    }

    static func messages(_ first: ResolvedPolicy, _ second: ResolvedPolicy) -> [PolicyChange] {
        MessageKind.allCases.flatMap { kind in
            both(
                { old, new in
                    let before = old.policy.messages.patterns(kind)
                    return new.policy.messages.patterns(kind).filter { pattern in !before.contains { $0.covers(pattern) } }
                        .map { .messages(kind, $0) }
                }, first, second)
        }
    }
}

extension MessagesClause {
    /// What of a kind is permitted; of kinds without names all or nothing. What asks a person first is not permitted by the policy alone.
    fileprivate func patterns(_ kind: MessageKind) -> [ToolPattern] {
        switch kind {
        case .resources: Self.patterns(resources)
        case .prompts: Self.patterns(prompts)
        case .sampling: Self.all(sampling)
        case .elicitation: Self.all(elicitation)
        case .roots: Self.all(roots)
        }
    }

    private static func patterns(_ grant: Located<PatternGrant>?) -> [ToolPattern] {
        if case .patterns(let patterns)? = grant?.value { patterns } else { [] }
    }

    private static func all(_ effect: Located<Effect>?) -> [ToolPattern] {
        effect?.value == .allow ? [ToolPattern("*")].compactMap(\.self) : []
    }
}

extension Rule {
    fileprivate func hasID(of other: Rule) -> Bool { id.utf8.elementsEqual(other.id.utf8) }

    /// In the order of the grammar.
    fileprivate func fields(otherThan old: Rule) -> [RuleField] {
        RuleField.allCases.filter { field in
            switch field {
            case .tools: !Self.cover(tools, old.tools) || !Self.cover(old.tools, tools)
            case .effect: effect != old.effect
            case .arguments: arguments?.value != old.arguments?.value
            case .when: when != old.when
            case .limit: limit != old.limit
            case .budget: budget != old.budget
            case .redact: Set(redact) != Set(old.redact)
            case .reason: reason != old.reason
            case .labels: Set(labels) != Set(old.labels)
            case .hidden: isHidden != old.isHidden
            }
        }
    }

    private static func cover(_ patterns: [ToolPattern], _ others: [ToolPattern]) -> Bool {
        others.allSatisfy { other in patterns.contains { $0.covers(other) } }
    }
}

extension JSONText {
    /// Objects are equal whatever the order of their members.
    fileprivate var value: JSON? { try? JSON(parsing: json) }
}
