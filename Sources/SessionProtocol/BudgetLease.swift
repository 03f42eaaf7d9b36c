public import StrictJSON

/// How much more of a budget a gate needs.
public struct BudgetLease: Sendable, Hashable {
    public var budget: String
    /// The layer whose budget it is; nil for the policy's.
    public var layer: String?
    /// A plain decimal that is not negative.
    public var amount: String

    public init(budget: String, layer: String? = nil, amount: String) {
        self.budget = budget
        self.layer = layer
        self.amount = amount
    }

    public var json: JSON { ["budget": .string(budget), "layer": layer.map(JSON.string) ?? .null, "amount": .string(amount)] }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        guard case .object(let object) = json, object.count == 3, let budget = json["budget"]?.string, let layer = json["layer"],
            layer.isNull || layer.string != nil, let amount = json["amount"]?.string
        else { return nil }
        self.init(budget: budget, layer: layer.string, amount: amount)
    }
}
