public import StrictJSON

/// What was spent of day budgets. Sums are exact decimals; what cannot be added exactly is not leased.
extension Store {
    /// What is spent of one budget.
    public struct SpentBudget: Sendable, Hashable {
        public var budget: DayBudget
        public var day: Day
        public var spent: JSONDecimal
        /// The limit of whoever spent last.
        public var limit: JSONDecimal
    }

    /// Takes all of the charges, or none, when one would be more than is left: then which.
    ///
    /// INVARIANT: what was taken stays taken until `giveBack`, also when whoever took it dies.
    public func take(_ charges: [DayCharge], on today: Day) throws(StoreError) -> DayBudget? {
        try database.transaction { () throws(StoreError) -> DayBudget? in
            var sums: [DayBudget: SpentBudget] = [:]
            for charge in charges {
                var known = sums[charge.budget]
                if known == nil { known = try spent(charge.budget, today) }
                let before = known?.spent ?? .zero
                guard !charge.amount.isNegative, let sum = before.adding(charge.amount), !(charge.limit < sum) else { return charge.budget }
                sums[charge.budget] = SpentBudget(
                    budget: charge.budget, day: known?.day ?? today, spent: sum, limit: charge.limit)
            }
            for sum in sums.values { try write(sum) }
            return nil
        }
    }

    /// A call was not forwarded after all. On another day there is nothing to give back to.
    public func giveBack(_ charges: [DayCharge], takenOn day: Day) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            for charge in charges {
                guard let known = try spent(charge.budget, day), known.day == day, let rest = known.spent.adding(charge.amount.negated)
                else { continue }
                try write(
                    SpentBudget(
                        budget: charge.budget, day: known.day, spent: rest.isNegative ? .zero : rest, limit: known.limit))
            }
        }
    }

    /// What is spent today of the budgets of one user, or of all.
    public func spentBudgets(of caller: UInt32?, on today: Day) throws(StoreError) -> [SpentBudget] {
        let found = try database.rows(
            "SELECT caller, owner, name, budget, day, spent, most FROM day_budget WHERE day >= ? AND (?2 IS NULL OR caller = ?2) ORDER BY 1, 2, 3, 4",
            [.integer(today.number), StoredValue(caller.map(Int64.init))]
        ) { (row) throws(StoreError) in try Self.spentBudget(row) }
        return found.filter { !$0.spent.isZero }
    }

    /// Lets budgets start anew: all of one user, or those of one name; how many had something spent.
    public func resetBudgets(of caller: UInt32?, document: String?, budget: String?) throws(StoreError) -> Int {
        try database.run(
            "DELETE FROM day_budget WHERE (?1 IS NULL OR caller = ?1) AND (?2 IS NULL OR name = ?2) AND (?3 IS NULL OR budget = ?3)",
            [StoredValue(caller.map(Int64.init)), StoredValue(document), StoredValue(budget)])
    }

    /// A clock that was set back gives nothing back: what was spent on a later day counts until that day has passed.
    private func spent(_ budget: DayBudget, _ today: Day) throws(StoreError) -> SpentBudget? {
        try database.rows(
            "SELECT caller, owner, name, budget, day, spent, most FROM day_budget WHERE caller = ? AND owner = ? AND name = ? AND budget = ? AND day >= ?",
            Self.key(budget) + [.integer(today.number)]
        ) { (row) throws(StoreError) in try Self.spentBudget(row) }.first
    }

    private func write(_ sum: SpentBudget) throws(StoreError) {
        try database.run(
            "INSERT OR REPLACE INTO day_budget (caller, owner, name, budget, day, spent, most) VALUES (?, ?, ?, ?, ?, ?, ?)",
            Self.key(sum.budget) + [.integer(sum.day.number), .text(sum.spent.text), .text(sum.limit.text)])
    }

    private static func key(_ budget: DayBudget) -> [StoredValue] {
        [.integer(Int64(budget.caller)), .text(budget.owner.kind), .text(budget.owner.name), .text(budget.name)]
    }

    private static func spentBudget(_ row: borrowing StoredRow) throws(StoreError) -> SpentBudget {
        guard let caller = UInt32(exactly: try row.integer(0)), let owner = DayBudget.Owner(kind: try row.text(1), name: try row.text(2)),
            let spent = JSONNumber(token: try row.text(5))?.decimal, !spent.isNegative,
            let limit = JSONNumber(token: try row.text(6))?.decimal
        else { throw .corrupt }
        return SpentBudget(
            budget: DayBudget(caller: caller, owner: owner, name: try row.text(3)), day: Day(number: try row.integer(4)), spent: spent,
            limit: limit)
    }
}
