public import Policy

/// What rules say of one call: the effect that wins, the rule that is named for it, and what all rules that matter add.
public struct Judgement: Sendable, Hashable {
    public let effect: Effect
    /// The first rule of the winning effect in file order, or the default.
    public let by: RuleID
    /// The reason of the rule that is named.
    public let why: String?
    /// `nil` when no rule adds anything.
    public let additions: Additions?

    public init(_ effect: Effect, by rule: RuleID, why: String? = nil, additions: Additions? = nil) {
        self.effect = effect
        self.by = rule
        self.why = why
        self.additions = additions
    }

    /// What the gate does, as far as rules say.
    public var decision: Decision {
        switch effect {
        case .allow: .forward(by: by)
        case .ask: .hold(by: by)
        case .deny: .block(by.name == nil ? .noRuleApplies(layer: by.layer) : .deniedByRule(by, why: why))
        }
    }

    /// Whether the tool is to answer as if it did not exist.
    public var isHidden: Bool { effect == .deny && additions?.isHidden == true }
}

extension Effect {
    /// deny over ask over allow.
    var rank: Int {
        switch self {
        case .allow: 0
        case .ask: 1
        case .deny: 2
        }
    }
}
