public import Policy
public import StrictJSON

/// The rules of one document over tool calls, compiled once.
///
/// deny beats ask beats allow, whatever their order; the first rule of the winning effect in the file is named, and all that apply add
/// what they ask for; to an ask the allow rules that apply add theirs as well.
public struct RuleSet: Sendable {
    /// `nil` in a layer without a default: no opinion where none of its rules applies.
    private let fallback: Judgement?
    private let rules: [CompiledRule]
    /// `nil`: the policy.
    private let layer: String?
    /// The rules' names, apart from them, so that a call that is allowed touches little memory.
    private let names: [String]
    private let byName: NameIndex
    /// The rules with a `*`.
    private let byPattern: PatternIndex

    /// Compiles the rules of a policy on their own.
    public init(_ clause: ToolsClause, cwd: String? = nil) throws(RuleSetProblem) {
        var slots = AllowanceSlots()
        try self.init(clause, layer: nil, cwd: cwd, slots: &slots)
    }

    init(_ clause: ToolsClause, layer: String?, cwd: String?, slots: inout AllowanceSlots) throws(RuleSetProblem) {
        fallback = (clause.default ?? (layer == nil ? .deny : nil)).map { Judgement($0, by: .default(layer: layer)) }
        var compiler = RuleCompiler(layer: layer, cwd: cwd, slots: slots)
        var rules: [CompiledRule] = []
        var byName: [[UInt8]: [RuleMark]] = [:]
        var byPattern = PatternIndex()
        for (index, text) in clause.rules.enumerated() {
            let rule = try compiler.compile(text)
            rules.append(rule)
            for pattern in Set(text.tools) {
                let mark = RuleMark(index, rule)
                if pattern.isLiteral {
                    byName[Array(pattern.text.utf8), default: []].append(mark)
                } else {
                    byPattern.insert(Glob(pattern), mark)
                }
            }
        }
        slots = compiler.slots
        (self.rules, self.byName, self.byPattern) = (rules, NameIndex(byName), byPattern)
        (self.layer, names) = (layer, clause.rules.map(\.id))
    }

    /// What the rules say of a call of the tool `name` (its decoded bytes). `arguments` is an object of the tape, or nil when the call
    /// has none, which counts as an empty one. Nil when this is a layer that has no opinion.
    public func judge(_ name: [UInt8], arguments: JSONNode?, in tape: borrowing JSONTape) -> Judgement? {
        var applying = ApplyingRules()
        byName.forEach(name) { consider($0, arguments, tape, &applying) }
        byPattern.forEach(name) { consider($0, arguments, tape, &applying) }
        return judgement(applying)
    }

    private func consider(_ mark: RuleMark, _ arguments: JSONNode?, _ tape: borrowing JSONTape, _ applying: inout ApplyingRules) {
        guard applying.matters(mark), mark.isUnconditional || rules[mark.index].applies(arguments, tape) else { return }
        applying.take(mark)
    }

    private func judgement(_ applying: ApplyingRules) -> Judgement? {
        guard let outcome = applying.outcome else { return fallback }
        let id = RuleID.rule(names[outcome.named], layer: layer)
        // What is allowed needs no reason.
        if outcome.effect == .allow, outcome.adding.isEmpty { return Judgement(.allow, by: id) }
        let additions = outcome.adding.sorted().compactMap { rules[$0].additions }
        return Judgement(outcome.effect, by: id, why: rules[outcome.named].why, additions: .united(additions))
    }

    /// Whether some call of the tool `name` may be more than blocked: only then it is listed.
    public func mayBeCalled(_ name: [UInt8]) -> Bool {
        var mayPass = fallback?.effect != .deny
        for index in named(name) {
            switch rules[index].effect {
            case .deny: if rules[index].appliesAlways { return false }
            case .allow, .ask: if !rules[index].appliesNever { mayPass = true }
            }
        }
        return mayPass
    }

    /// What the rules may say of a call of the tool `name` whose arguments nobody knows.
    func possibleJudgements(_ name: [UInt8]) -> PossibleJudgements {
        let naming = rulesNaming(name).filter { !$0.appliesNever }
        let sure = naming.filter(\.appliesAlways).reduce(nil as CompiledRule?) { found, rule in
            if let found, found.effect.rank >= rule.effect.rank { found } else { rule }
        }
        // A rule that would not win over what applies anyway changes nothing.
        let open = naming.filter { rule in !rule.appliesAlways && sure.map { rule.effect.rank > $0.effect.rank } ?? true }
        let isRivalled = naming.prefix { $0 !== sure }.contains { $0.effect == sure?.effect ?? fallback?.effect }
        let certain = sure.map { PossibleJudgements.Outcome.effect($0.effect) } ?? fallback.map { .effect($0.effect) } ?? .noOpinion
        return PossibleJudgements(
            outcomes: Set(open.map { .effect($0.effect) }).union([certain]), certain: certain,
            by: isRivalled ? nil : sure?.id ?? fallback?.by,
            open: open.map(\.id))
    }

    /// The rules with a pattern that matches, in file order.
    func rulesNaming(_ name: [UInt8]) -> [CompiledRule] { named(name).map { rules[$0] } }

    private func named(_ name: [UInt8]) -> [Int] {
        var found: Set<Int> = []
        byName.forEach(name) { found.insert($0.index) }
        byPattern.forEach(name) { found.insert($0.index) }
        return found.sorted()
    }
}

/// The rules that apply to a call, as far as they matter.
private struct ApplyingRules {
    /// The first of each effect; `.max` for none.
    private var allow = Int.max, ask = Int.max, deny = Int.max
    /// Those of each effect that add something.
    private var allowing: [Int] = [], asking: [Int] = [], denying: [Int] = []

    /// Whether the rule, did it apply, would change anything.
    func matters(_ rule: RuleMark) -> Bool {
        switch rule.effect {
        case .deny: rule.index < deny || rule.adds && !denying.contains(rule.index)
        case .ask: deny == .max && (rule.index < ask || rule.adds && !asking.contains(rule.index))
        case .allow: deny == .max && (rule.index < allow && ask == .max || rule.adds && !allowing.contains(rule.index))
        }
    }

    /// INVARIANT: the rule matters.
    mutating func take(_ rule: RuleMark) {
        switch rule.effect {
        case .deny:
            deny = min(deny, rule.index)
            if rule.adds, !denying.contains(rule.index) { denying.append(rule.index) }
        case .ask:
            ask = min(ask, rule.index)
            if rule.adds, !asking.contains(rule.index) { asking.append(rule.index) }
        case .allow:
            allow = min(allow, rule.index)
            if rule.adds, !allowing.contains(rule.index) { allowing.append(rule.index) }
        }
    }

    /// The rule that is named, and those that add something; nil when none applies.
    var outcome: (effect: Effect, named: Int, adding: [Int])? {
        if deny < .max { return (.deny, deny, denying) }
        if ask < .max { return (.ask, ask, asking + allowing) }
        return allow < .max ? (.allow, allow, allowing) : nil
    }
}
