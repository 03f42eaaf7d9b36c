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
                        .map { .messages(kind, $0) } + Self.word(kind, old.policy.messages, new.policy.messages)
                }, first, second)
        }
    }
}

extension PolicyDifference {
    /// What the second permits and the first does not, of a kind without names: allow is wider than ask, and ask than deny.
    private static func word(_ kind: MessageKind, _ first: MessagesClause, _ second: MessagesClause) -> [PermittedPart] {
        switch (first.effect(kind), second.effect(kind)) {
        case (.deny, .ask): [.asked(kind)]
        case (.ask, .allow): [.unasked(kind)]
        case (.deny, .allow): [ToolPattern("*")].compactMap(\.self).map { .messages(kind, $0) }
        case (.deny, .deny), (.ask, .deny), (.ask, .ask), (.allow, _): []
        }
    }
}

extension MessagesClause {
    /// Of kinds without names.
    fileprivate func effect(_ kind: MessageKind) -> Effect {
        switch kind {
        case .sampling: sampling?.value ?? .deny
        case .elicitation: elicitation?.value ?? .deny
        case .roots: roots?.value ?? .deny
        case .resources, .prompts: .deny
        }
    }

    /// What of a kind is permitted that has names.
    fileprivate func patterns(_ kind: MessageKind) -> [ToolPattern] {
        switch kind {
        case .resources: Self.patterns(resources)
        case .prompts: Self.patterns(prompts)
        case .sampling, .elicitation, .roots: []
        }
    }

    private static func patterns(_ grant: Located<PatternGrant>?) -> [ToolPattern] {
        if case .patterns(let patterns)? = grant?.value { patterns } else { [] }
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
