import StrictJSON

/// What is spent of some budgets, as it was read and is to be written. Sums are exact decimals; what cannot be added exactly is not taken.
struct SpentBudgets {
    private var sums: [DayBudget: Store.SpentBudget] = [:]
    private var changed: Set<DayBudget> = []
    private let today: Day

    /// A clock that was set back gives nothing back: what was spent on a later day counts until that day has passed.
    init(_ known: [Store.SpentBudget], today: Day) {
        self.today = today
        for one in known where one.day >= today { sums[one.budget] = one }
    }

    /// Takes all of the charges; or says whose is too large, and is of no use any more.
    mutating func charge(_ charges: [DayCharge]) -> DayBudget? {
        for charge in charges {
            let known = sums[charge.budget]
            let before = known?.spent ?? .zero
            guard !charge.amount.isNegative, let sum = before.adding(charge.amount), !(charge.limit < sum) else { return charge.budget }
            sums[charge.budget] = Store.SpentBudget(budget: charge.budget, day: known?.day ?? today, spent: sum, limit: charge.limit)
            changed.insert(charge.budget)
        }
        return nil
    }

    /// Gives back what was taken today.
    mutating func giveBack(_ charges: [DayCharge]) {
        for charge in charges {
            guard let known = sums[charge.budget], known.day == today, let rest = known.spent.adding(charge.amount.negated) else {
                continue
            }
            sums[charge.budget]?.spent = rest.isNegative ? .zero : rest
            changed.insert(charge.budget)
        }
    }

    // MARK: Rows

    private static let columns = "caller, owner, name, budget, day, spent, most"

    /// What writes the new sums.
    var changes: [Statement] {
        changed.compactMap { sums[$0] }.map { sum in
            Statement(
                """
                INSERT INTO day_budget (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT (caller, owner, name, budget) DO UPDATE SET day = excluded.day, spent = excluded.spent, most = excluded.most
                """,
                Self.key(sum.budget) + [.integer(sum.day.number), .text(sum.spent.text), .text(sum.limit.text)])
        }
    }

    static func find(_ budget: DayBudget) -> Statement {
        Statement("SELECT \(columns) FROM day_budget WHERE caller = ?1 AND owner = ?2 AND name = ?3 AND budget = ?4", key(budget))
    }

    /// Those of one user, or of all.
    static func find(of caller: UInt32?) -> Statement {
        Statement(
            "SELECT \(columns) FROM day_budget WHERE CAST(?1 AS BIGINT) IS NULL OR caller = ?1 ORDER BY caller, owner, name, budget",
            [.integer(caller.map(Int64.init))])
    }

    private static func key(_ budget: DayBudget) -> [Argument] {
        [.uid(budget.caller), .text(budget.owner.kind), .text(budget.owner.name), .text(budget.name)]
    }

    static func read(_ row: StoredRow) throws(StoreError) -> Store.SpentBudget {
        guard let caller = UInt32(exactly: try row.integer(0)), let owner = DayBudget.Owner(kind: try row.text(1), name: try row.text(2)),
            let spent = JSONNumber(token: try row.text(5))?.decimal, !spent.isNegative,
            let limit = JSONNumber(token: try row.text(6))?.decimal
        else { throw .corrupt }
        return Store.SpentBudget(
            budget: DayBudget(caller: caller, owner: owner, name: try row.text(3)), day: Day(number: try row.integer(4)), spent: spent,
            limit: limit)
    }
}
