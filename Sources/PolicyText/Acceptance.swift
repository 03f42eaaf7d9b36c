import Policy

/// What a reader makes of keys and values whose enforcement is not built yet (R120).
public enum Acceptance: Sendable, Hashable {
    /// They are refused: the policy is going to be enforced.
    case enforced
    /// They are read: only the meaning of the policy is of interest.
    case everything

    /// Those of `reasons`, all R120, that stand against a policy.
    func refused(_ reasons: [Reason]) -> [Reason] {
        switch self {
        case .enforced: reasons
        case .everything: []
        }
    }
}
