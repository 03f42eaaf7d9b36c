import Layers
import Policy
import Store
import StrictJSON

/// The day budgets that a session's rules charge, with their limits.
struct SessionBudgets: Sendable, Hashable {
    private struct Key: Sendable, Hashable {
        let owner: DayBudget.Owner
        let name: String
    }

    private var limits: [Key: JSONDecimal] = [:]
    private var policy = ""

    var isEmpty: Bool { limits.isEmpty }

    init() {}

    /// Those of a policy and of the layers over it. `policy`: its name.
    init(_ tools: ToolsClause, _ layers: [Layer], policy: String) {
        self.policy = policy
        add(tools, .policy(policy))
        for layer in layers { add(layer.clauses.tools, .layer(layer.name)) }
    }

    private mutating func add(_ tools: ToolsClause, _ owner: DayBudget.Owner) {
        for budget in tools.rules.compactMap(\.budget) where budget.per == .day {
            // Whatever is no amount was refused.
            guard let limit = (try? JSON(parsing: budget.limit.json))?.number?.decimal else { continue }
            limits[Key(owner: owner, name: budget.name)] = limit
        }
    }

    /// Of what both have the less, and all that one of them has.
    func tightened(by other: SessionBudgets) -> SessionBudgets {
        var both = self
        for (key, limit) in other.limits { both.limits[key] = limits[key].map { $0 < limit ? $0 : limit } ?? limit }
        return both
    }

    /// A charge to a budget of this session; `nil` where it has none of that name.
    func charge(_ budget: String, layer: String?, _ amount: JSONDecimal, caller: UInt32) -> DayCharge? {
        let owner = layer.map(DayBudget.Owner.layer) ?? .policy(policy)
        guard let limit = limits[Key(owner: owner, name: budget)] else { return nil }
        return DayCharge(DayBudget(caller: caller, owner: owner, name: budget), amount: amount, limit: limit)
    }

    /// Whether its rules charge it.
    func charges(_ budget: DayBudget) -> Bool { limits[Key(owner: budget.owner, name: budget.name)] != nil }

    // MARK: For the next daemon

    var json: JSON {
        let sorted = limits.map { (layer: $0.owner.layer, name: $0.name, limit: $1) }.sorted {
            ($0.layer ?? "", $0.name) < ($1.layer ?? "", $1.name)
        }
        return [
            "policy": .string(policy),
            "limits": .array(sorted.map { [$0.layer.map(JSON.string) ?? .null, .string($0.name), .string($0.limit.text)] }),
        ]
    }

    /// What `json` wrote; none from a record that says none.
    init(_ json: JSON?) {
        guard let json, let policy = json["policy"]?.string, let list = json["limits"]?.array else { return }
        self.policy = policy
        for entry in list {
            guard let parts = entry.array, parts.count == 3, let name = parts[1].string,
                let limit = parts[2].string.flatMap(JSONNumber.init(token:))?.decimal
            else { continue }
            limits[Key(owner: parts[0].string.map(DayBudget.Owner.layer) ?? .policy(policy), name: name)] = limit
        }
    }
}

extension DayBudget.Owner {
    /// `nil` for a policy.
    fileprivate var layer: String? { if case .layer(let name) = self { name } else { nil } }
}
