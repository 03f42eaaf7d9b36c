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
    /// The rules that name a tool, by its name; ascending.
    private let byName: [[UInt8]: [Int]]
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
        var byName: [[UInt8]: [Int]] = [:]
        var byPattern = PatternIndex()
        for (index, rule) in clause.rules.enumerated() {
            rules.append(try compiler.compile(rule))
            for pattern in Set(rule.tools) {
                if pattern.isLiteral {
                    byName[Array(pattern.text.utf8), default: []].append(index)
                } else {
                    byPattern.insert(Glob(pattern), rule: index)
                }
            }
        }
        slots = compiler.slots
        (self.rules, self.byName, self.byPattern) = (rules, byName, byPattern)
    }

    /// What the rules say of a call of the tool `name` (its decoded bytes). `arguments` is an object of the tape, or nil when the call
    /// has none, which counts as an empty one. Nil when this is a layer that has no opinion.
    public func judge(_ name: [UInt8], arguments: JSONNode?, in tape: borrowing JSONTape) -> Judgement? {
        var applying = ApplyingRules()
        for index in byName[name] ?? [] { consider(index, arguments, tape, &applying) }
        for index in byPattern.matches(of: name) { consider(index, arguments, tape, &applying) }
        return judgement(applying)
    }

    private func consider(_ index: Int, _ arguments: JSONNode?, _ tape: borrowing JSONTape, _ applying: inout ApplyingRules) {
        let rule = rules[index]
        guard applying.matters(index, rule), rule.applies(arguments, tape) else { return }
        applying.take(index, rule)
    }

    private func judgement(_ applying: ApplyingRules) -> Judgement? {
        guard let (index, adding) = applying.outcome else { return fallback }
        let rule = rules[index]
        let additions = adding.isEmpty ? nil : Additions.united(adding.sorted().compactMap { rules[$0].additions })
        return Judgement(rule.effect, by: rule.id, why: rule.why, additions: additions)
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

    /// The rules with a pattern that matches, in file order.
    func rulesNaming(_ name: [UInt8]) -> [CompiledRule] { named(name).map { rules[$0] } }

    private func named(_ name: [UInt8]) -> [Int] { Array(Set((byName[name] ?? []) + byPattern.matches(of: name))).sorted() }
}

/// The rules that apply to a call, as far as they matter.
private struct ApplyingRules {
    /// The first of each effect; `.max` for none.
    private var allow = Int.max, ask = Int.max, deny = Int.max
    /// Those of each effect that add something.
    private var allowing: [Int] = [], asking: [Int] = [], denying: [Int] = []

    /// Whether the rule, did it apply, would change anything.
    func matters(_ index: Int, _ rule: CompiledRule) -> Bool {
        let adds = rule.additions != nil
        return switch rule.effect {
        case .deny: index < deny || adds && !denying.contains(index)
        case .ask: deny == .max && (index < ask || adds && !asking.contains(index))
        case .allow: deny == .max && (index < allow && ask == .max || adds && !allowing.contains(index))
        }
    }

    /// INVARIANT: the rule matters.
    mutating func take(_ index: Int, _ rule: CompiledRule) {
        let adds = rule.additions != nil
        switch rule.effect {
        case .deny:
            deny = min(deny, index)
            if adds, !denying.contains(index) { denying.append(index) }
        case .ask:
            ask = min(ask, index)
            if adds, !asking.contains(index) { asking.append(index) }
        case .allow:
            allow = min(allow, index)
            if adds, !allowing.contains(index) { allowing.append(index) }
        }
    }

    /// The rule that is named, and those that add something; nil when none applies.
    var outcome: (named: Int, adding: [Int])? {
        if deny < .max { return (deny, denying) }
        if ask < .max { return (ask, asking + allowing) }
        return allow < .max ? (allow, allowing) : nil
    }
}
