/// What the store keeps. The numbers are those of locks between hosts, and never change.
public enum Topic: Int64, Sendable, Hashable, CaseIterable {
    case budgets = 1
    case grants = 2
    case pins = 3
    case refusals = 4

    /// Whether hosts that share a database share it. What servers say of their tools is each host's own: a host starts and runs its sessions
    /// without the others.
    public var isShared: Bool {
        switch self {
        case .budgets, .grants, .refusals: true
        case .pins: false
        }
    }
}
