import Policy

/// A rule as the indexes hold it: its place in the file and what deciding asks of every rule, in one word, so that a rule that is
/// looked at and does not matter costs no other memory.
struct RuleMark: Sendable, Hashable {
    private var bits: UInt32

    init(_ index: Int, _ rule: CompiledRule) {
        let flags = UInt32(rule.effect.rank) | (rule.isUnconditional ? 4 : 0) | (rule.additions != nil ? 8 : 0)
        bits = UInt32(index) << 5 | flags
    }

    /// Not a rule but the place of a list of marks.
    init(listAt place: Int) { bits = UInt32(place) << 5 }

    /// The rule's place in the file, from 0, or that of a list.
    var index: Int { Int(bits >> 5) }

    var effect: Effect {
        switch bits & 3 {
        case 0: .allow
        case 1: .ask
        default: .deny
        }
    }

    /// Applies to every call whose tool it names.
    var isUnconditional: Bool { bits & 4 != 0 }

    /// Ends a list of marks, or stands alone.
    var isLast: Bool {
        get { bits & 16 != 0 }
        set { bits = newValue ? bits | 16 : bits & ~16 }
    }

    /// Adds limits, budgets, masks, labels or that it hides.
    var adds: Bool { bits & 8 != 0 }
}
