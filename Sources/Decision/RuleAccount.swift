public import Policy
import StrictJSON

/// Why a rule that names a tool applies to a call, or does not.
public struct RuleAccount: Sendable, Hashable {
    /// One operator of the rule's `when`, and what it comes to.
    public struct Part: Sendable, Hashable {
        public let argument: JSONPointer
        public let `operator`: Condition.Operator
        public let truth: Truth
    }

    public let rule: RuleID
    public let effect: Effect
    /// Whether the arguments meet the schema; true where the rule has none.
    public let arguments: Truth
    /// What the condition comes to; true where the rule has none.
    public let when: Truth
    /// What the operators of `when` come to, in file order.
    public let parts: [Part]
    /// Whether the rule applies: unknown applies a rule that denies or asks, and does not apply one that allows.
    public let applies: Bool

    init(_ rule: CompiledRule, _ arguments: JSONNode?, _ tape: borrowing JSONTape) {
        self.rule = rule.id
        effect = rule.effect
        self.arguments = rule.argumentsTruth(arguments, tape)
        when = rule.whenTruth(arguments, tape)
        applies = rule.isApplied(by: self.arguments && when)
        var parts: [Part] = []
        if let condition = rule.when { condition.account(arguments, tape, &parts) }
        self.parts = parts
    }
}
