/// What the gate does with a call. `Effect` is what a rule asks for; the two never share a word.
public enum Decision: Sendable, Hashable {
    case forward(by: RuleID)
    case hold(by: RuleID)
    case block(BlockReason)
}
