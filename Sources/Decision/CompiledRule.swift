import Policy
import StrictJSON

/// One rule, compiled.
final class CompiledRule: Sendable {
    let id: RuleID
    let effect: Effect
    let schema: Schema?
    let when: CompiledCondition?
    let why: String?
    /// `nil` when it adds nothing.
    let additions: Additions?

    init(id: RuleID, effect: Effect, schema: Schema?, when: CompiledCondition?, why: String?, additions: Additions?) {
        self.id = id
        self.effect = effect
        self.schema = schema
        self.when = when
        self.why = why
        self.additions = additions
    }

    /// Whether it applies to a call whose tool it names.
    func applies(_ arguments: JSONNode?, _ tape: borrowing JSONTape) -> Bool {
        let truth = argumentsTruth(arguments, tape)
        return isApplied(by: truth == .false ? .false : truth && whenTruth(arguments, tape))
    }

    func argumentsTruth(_ arguments: JSONNode?, _ tape: borrowing JSONTape) -> Truth {
        guard let schema else { return .true }
        guard let arguments else { return Truth(schema.acceptsEmptyObject) }
        return schema.evaluate(arguments, in: tape)
    }

    func whenTruth(_ arguments: JSONNode?, _ tape: borrowing JSONTape) -> Truth {
        guard let when else { return .true }
        guard let arguments else { return when.truthOfNothing }
        return when.evaluate(arguments, in: tape)
    }

    /// Unknown applies a rule that denies or asks, and does not apply one that allows.
    func isApplied(by truth: Truth) -> Bool {
        switch (effect, truth) {
        case (_, .true), (.deny, .unknown), (.ask, .unknown): true
        case (_, .false), (.allow, .unknown): false
        }
    }

    /// Whether it asks nothing of a call but its tool.
    var isUnconditional: Bool { schema == nil && when == nil }

    /// Whether it surely applies to every call.
    var appliesAlways: Bool { when == nil && schema?.acceptsEveryObject ?? true }

    /// Whether it surely applies to no call.
    var appliesNever: Bool { schema?.refusesEveryObject ?? false }
}
