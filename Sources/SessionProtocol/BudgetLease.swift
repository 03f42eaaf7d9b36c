public import StrictJSON

/// What a call takes of budgets that are not the session's alone: all of it, or nothing.
public struct BudgetLease: Sendable, Hashable {
    /// What it takes of one of them.
    public struct Charge: Sendable, Hashable {
        public var budget: String
        /// The layer whose budget it is; nil for the policy's.
        public var layer: String?
        /// A number token that is not negative.
        public var amount: String

        public init(budget: String, layer: String? = nil, amount: String) {
            self.budget = budget
            self.layer = layer
            self.amount = amount
        }

        var json: JSON { ["budget": .string(budget), "layer": layer.map(JSON.string) ?? .null, "amount": .string(amount)] }

        /// `nil` for everything else.
        init?(_ json: JSON) {
            guard case .object(let object) = json, object.count == 3, let budget = json["budget"]?.string, let layer = json["layer"],
                layer.isNull || layer.string != nil, let amount = json["amount"]?.string,
                JSONNumber(token: amount)?.decimal.isNegative == false
            else { return nil }
            self.init(budget: budget, layer: layer.string, amount: amount)
        }
    }

    /// The call's own within its session: whoever is asked again is told the same number, and does not charge twice.
    public var id: Int64
    /// All leases up to this one are answered or of no interest any more: they are not asked for again.
    public var settled: Int64
    /// Never empty.
    public var charges: [Charge]

    public init(id: Int64, settled: Int64, _ charges: [Charge]) {
        self.id = id
        self.settled = settled
        self.charges = charges
    }

    public var json: JSON {
        ["id": .number(JSONNumber(id)), "settled": .number(JSONNumber(settled)), "charges": .array(charges.map(\.json))]
    }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        guard case .object(let object) = json, object.count == 3, let list = json["charges"]?.array, !list.isEmpty,
            let id = json["id"]?.int64, let settled = json["settled"]?.int64, settled < id
        else { return nil }
        let charges = list.compactMap(Charge.init)
        guard charges.count == list.count else { return nil }
        self.init(id: id, settled: settled, charges)
    }
}
