public import StrictJSON

/// What a gate asks of the daemon while its session runs.
public enum GateRequest: Sendable, Hashable {
    /// A person is to be asked about a call. Answered by `held` first, unless a grant is there, and once more when it is decided.
    case hold(HeldCall)
    /// So much more of a budget that is not the session's alone.
    case lease(BudgetLease)
    /// What the server says of itself now, where no pin is known to be equal to it.
    case pin(ToldDefinition)

    /// So many may wait for their last answer in one session.
    public static let limit = 256

    public var json: JSON {
        switch self {
        case .hold(let call): ["kind": "hold", "call": call.json]
        case .lease(let lease): ["kind": "lease", "lease": lease.json]
        case .pin(let definition): ["kind": "pin", "definition": definition.json]
        }
    }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        guard case .object(let object) = json, object.count == 2 else { return nil }
        switch json["kind"]?.string {
        case "hold":
            guard let call = json["call"].flatMap(HeldCall.init) else { return nil }
            self = .hold(call)
        case "lease":
            guard let lease = json["lease"].flatMap(BudgetLease.init) else { return nil }
            self = .lease(lease)
        case "pin":
            guard let definition = json["definition"].flatMap(ToldDefinition.init) else { return nil }
            self = .pin(definition)
        default: return nil
        }
    }
}
