public import Policy

/// What rules may come to where the arguments of a call are not known. Rules that ask nothing of arguments are sure; each other one may apply or not.
///
/// INVARIANT: whatever the arguments were, the outcome is among these. Not each of these need be reached by some arguments.
public struct PossibleJudgements: Sendable, Hashable {
    enum Outcome: Sendable, Hashable {
        case effect(Effect)
        /// Of a layer of which no rule applies.
        case noOpinion
    }

    let outcomes: Set<Outcome>
    /// What it is where none of the open rules applies.
    let certain: Outcome
    /// What then decides; nil where that is a layer without an opinion, or where another rule of the same effect may be named.
    let by: RuleID?
    /// The rules that may change it, in the order of their documents.
    public let open: [RuleID]

    /// The effects that are possible.
    public var effects: Set<Effect> {
        Set(outcomes.compactMap { if case .effect(let effect) = $0 { effect } else { nil } })
    }

    /// The one effect, and what decides; nil where it depends on the arguments. Which rule is named may depend on them all the same: then it is nil.
    public var sure: (effect: Effect, by: RuleID?)? {
        guard effects.count == 1, let effect = effects.first else { return nil }
        return (effect, open.isEmpty ? by : nil)
    }

    /// The most restrictive wins, as where arguments are known.
    func tightened(by layer: PossibleJudgements) -> PossibleJudgements {
        let outcomes = Set(self.outcomes.flatMap { mine in layer.outcomes.map { Self.stricter(mine, $0) } })
        let certain = Self.stricter(self.certain, layer.certain)
        // Of several documents that come to the same the first is named.
        let by: RuleID? =
            switch (self.outcomes, layer.outcomes) {
            case ([certain], _): self.by
            case (let mine, [certain]) where !mine.contains(certain): layer.by
            case (_, _): nil
            }
        return PossibleJudgements(
            outcomes: outcomes, certain: certain, by: by,
            open: certain == .effect(.deny) ? [] : open + layer.open)
    }

    private static func stricter(_ left: Outcome, _ right: Outcome) -> Outcome {
        switch (left, right) {
        case (.noOpinion, let other), (let other, .noOpinion): other
        case (.effect(let one), .effect(let other)): .effect(other.rank > one.rank ? other : one)
        }
    }
}
