public import StrictJSON

/// What is spent of a budget per day.
public struct BudgetSummary: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case policy, layer
    }

    /// The uid whose sessions spend it.
    public var caller: UInt32
    public var kind: Kind
    /// The name of the policy or layer that has it.
    public var document: String
    public var budget: String
    /// Seconds since 1970 at which its day began (UTC).
    public var day: Int64
    /// Exact decimals.
    public var spent: String
    /// That of whoever spent last.
    public var limit: String

    public init(caller: UInt32, kind: Kind, document: String, budget: String, day: Int64, spent: String, limit: String) {
        self.caller = caller
        self.kind = kind
        self.document = document
        self.budget = budget
        self.day = day
        self.spent = spent
        self.limit = limit
    }

    public var json: JSON {
        [
            "caller": JSON(Int(caller)), "kind": .string(kind.rawValue), "document": .string(document), "budget": .string(budget),
            "day": .number(JSONNumber(day)), "spent": .string(spent), "limit": .string(limit),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON) {
        guard let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let document = json["document"]?.string, let budget = json["budget"]?.string, let day = json["day"]?.int64,
            let spent = json["spent"]?.string, let limit = json["limit"]?.string
        else { return nil }
        self.init(caller: caller, kind: kind, document: document, budget: budget, day: day, spent: spent, limit: limit)
    }
}
