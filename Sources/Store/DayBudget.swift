public import StrictJSON

/// A budget of one user's that starts anew each day (UTC).
///
/// Policies of one name share the budgets of that name, and so do all sessions of one user under a layer.
public struct DayBudget: Sendable, Hashable {
    /// Whose document the budget stands in.
    public enum Owner: Sendable, Hashable {
        case policy(String)
        case layer(String)

        public var name: String {
            switch self {
            case .policy(let name), .layer(let name): name
            }
        }

        var kind: String {
            switch self {
            case .policy: "policy"
            case .layer: "layer"
            }
        }

        init?(kind: String, name: String) {
            switch kind {
            case "policy": self = .policy(name)
            case "layer": self = .layer(name)
            default: return nil
            }
        }
    }

    /// The uid for whom sessions run.
    public var caller: UInt32
    public var owner: Owner
    public var name: String

    public init(caller: UInt32, owner: Owner, name: String) {
        self.caller = caller
        self.owner = owner
        self.name = name
    }
}

/// What a call takes of a budget.
public struct DayCharge: Sendable, Hashable {
    public var budget: DayBudget
    /// Not negative.
    public var amount: JSONDecimal
    public var limit: JSONDecimal

    public init(_ budget: DayBudget, amount: JSONDecimal, limit: JSONDecimal) {
        self.budget = budget
        self.amount = amount
        self.limit = limit
    }
}

/// A day, counted from 1970-01-01 in UTC.
public struct Day: Sendable, Hashable, Comparable {
    public var number: Int64

    public init(number: Int64) { self.number = number }

    /// That of a time in nanoseconds since 1970.
    public init(at realtime: UInt64) { number = Int64(realtime / 86_400_000_000_000) }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }
}
