public import Policy
public import StrictJSON

/// The rules over tool calls, compiled once.
///
/// deny beats ask beats allow, whatever their order; the first rule of the winning effect in the file is named.
public struct RuleSet: Sendable {
    struct Compiled: Sendable {
        let id: RuleID
        let effect: Effect
        let schema: Schema?
        let why: String?
    }

    private let fallback: Effect
    private let rules: [Compiled]
    /// The rules that name a tool, by its name; ascending.
    private let byName: [[UInt8]: [Int]]
    /// The rules with a `*`.
    private let byGlob: GlobIndex

    public init(_ clause: ToolsClause) throws(RuleSetProblem) {
        fallback = clause.default ?? .deny
        var rules: [Compiled] = []
        var byName: [[UInt8]: [Int]] = [:]
        var byGlob = GlobIndex()
        for (index, rule) in clause.rules.enumerated() {
            rules.append(try Self.compile(rule))
            for pattern in Set(rule.tools) {
                if pattern.isLiteral {
                    byName[Array(pattern.text.utf8), default: []].append(index)
                } else {
                    byGlob.insert(Glob(pattern), rule: index)
                }
            }
        }
        (self.rules, self.byName, self.byGlob) = (rules, byName, byGlob)
    }

    private static func compile(_ rule: Rule) throws(RuleSetProblem) -> Compiled {
        do {
            let schema: Schema? = if let arguments = rule.arguments { try Schema(arguments) } else { nil }
            return Compiled(id: .rule(rule.id), effect: rule.effect, schema: schema, why: rule.reason)
        } catch {
            throw RuleSetProblem(rule: rule.id, problem: error)
        }
    }

    /// What to do with a call of the tool `name` (its decoded bytes). `arguments` is an object of the tape, or nil when the call
    /// has none, which counts as an empty one.
    public func decide(_ name: [UInt8], arguments: JSONNode?, in tape: borrowing JSONTape) -> Decision {
        var winners = Winners()
        for index in byName[name] ?? [] where winners.matters(index, rules[index]) {
            winners.consider(index, rules[index], truth(rules[index], arguments, tape))
        }
        for index in matchingGlobs(name) where winners.matters(index, rules[index]) {
            winners.consider(index, rules[index], truth(rules[index], arguments, tape))
        }
        return decision(winners)
    }

    /// Whether some call of the tool `name` may be more than blocked: only then it is listed.
    public func mayBeCalled(_ name: [UInt8]) -> Bool {
        var mayPass = fallback != .deny
        for index in applicable(name) {
            let rule = rules[index]
            switch rule.effect {
            case .deny: if rule.schema?.acceptsEveryObject ?? true { return false }
            case .allow, .ask: if !(rule.schema?.refusesEveryObject ?? false) { mayPass = true }
            }
        }
        return mayPass
    }

    private func applicable(_ name: [UInt8]) -> [Int] {
        (byName[name] ?? []) + matchingGlobs(name)
    }

    private func matchingGlobs(_ name: [UInt8]) -> [Int] {
        var rules: [Int] = []
        byGlob.forEachCandidate(name) { if $0.glob.matches(name) { rules.append($0.rule) } }
        return rules
    }

    private func truth(_ rule: Compiled, _ arguments: JSONNode?, _ tape: borrowing JSONTape) -> Truth {
        guard let schema = rule.schema else { return .true }
        guard let arguments else { return Truth(schema.acceptsEmptyObject) }
        return schema.evaluate(arguments, in: tape)
    }

    private func decision(_ winners: Winners) -> Decision {
        if let index = winners.deny { return .block(.deniedByRule(rules[index].id, why: rules[index].why)) }
        if let index = winners.ask { return .hold(by: rules[index].id) }
        if let index = winners.allow { return .forward(by: rules[index].id) }
        return switch fallback {
        case .allow: .forward(by: .default)
        case .ask: .hold(by: .default)
        case .deny: .block(.noRuleApplies)
        }
    }
}

/// The first rule of each effect that applies.
private struct Winners {
    var allow: Int?
    var ask: Int?
    var deny: Int?

    /// Whether the rule could still change the outcome.
    func matters(_ index: Int, _ rule: RuleSet.Compiled) -> Bool {
        switch rule.effect {
        case .allow: index < allow ?? .max
        case .ask: index < ask ?? .max
        case .deny: index < deny ?? .max
        }
    }

    /// INVARIANT: the rule matters.
    mutating func consider(_ index: Int, _ rule: RuleSet.Compiled, _ truth: Truth) {
        guard applies(rule.effect, truth) else { return }
        switch rule.effect {
        case .allow: allow = index
        case .ask: ask = index
        case .deny: deny = index
        }
    }

    private func applies(_ effect: Effect, _ truth: Truth) -> Bool {
        switch (effect, truth) {
        case (_, .true), (.deny, .unknown), (.ask, .unknown): true
        case (_, .false), (.allow, .unknown): false
        }
    }
}
