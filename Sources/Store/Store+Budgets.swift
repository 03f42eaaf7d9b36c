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

    /// A call that takes of budgets.
    public struct Lease: Sendable, Hashable {
        public var session: String
        /// The call's own within its session.
        public var number: Int64

        public init(session: String, number: Int64) {
            self.session = session
            self.number = number
        }
    }

    /// What came of it.
    public enum Taken: Sendable, Hashable {
        /// All of it, on that day.
        case all(on: Day)
        /// Nothing, since this budget has less left.
        case none(DayBudget)
    }

    /// Takes all of the charges, or none, when one would be more than is left. Asked again for the same lease it takes nothing more, and says
    /// the same. `settled`: up to this number the session's leases are not asked for again.
    ///
    /// INVARIANT: what was taken stays taken until `giveBack`, also when whoever took it dies.
    public func take(_ charges: [DayCharge], on today: Day, for lease: Lease, settled: Int64) throws(StoreError) -> Taken {
        try database.transaction { () throws(StoreError) -> Taken in
            try database.run(
                "DELETE FROM budget_lease WHERE session = ? AND lease <= ? AND lease <> ?",
                [.text(lease.session), .integer(settled), .integer(lease.number)])
            if let day = try dayOf(lease) { return .all(on: day) }
            if let budget = try charge(charges, today) { return .none(budget) }
            try database.run(
                "INSERT INTO budget_lease (session, lease, day) VALUES (?, ?, ?)",
                [.text(lease.session), .integer(lease.number), .integer(today.number)])
            return .all(on: today)
        }
    }

    /// A session is over: nobody asks for its leases again. Neither for those of days past, whose sandboxd nobody followed.
    public func forgetLeases(of session: String, on today: Day) throws(StoreError) {
        try database.run(
            "DELETE FROM budget_lease WHERE session = ? OR day < ?", [.text(session), .integer(today.number - 1)])
    }

    /// On which day it was taken; `nil` where it was not.
    private func dayOf(_ lease: Lease) throws(StoreError) -> Day? {
        try database.rows(
            "SELECT day FROM budget_lease WHERE session = ? AND lease = ?", [.text(lease.session), .integer(lease.number)]
        ) { (row) throws(StoreError) in Day(number: try row.integer(0)) }.first
    }

    /// Writes the new sums, or none; then whose is too large.
    private func charge(_ charges: [DayCharge], _ today: Day) throws(StoreError) -> DayBudget? {
        var sums: [DayBudget: SpentBudget] = [:]
        for charge in charges {
            var known = sums[charge.budget]
            if known == nil { known = try spent(charge.budget, today) }
            let before = known?.spent ?? .zero
            guard !charge.amount.isNegative, let sum = before.adding(charge.amount), !(charge.limit < sum) else { return charge.budget }
            sums[charge.budget] = SpentBudget(budget: charge.budget, day: known?.day ?? today, spent: sum, limit: charge.limit)
        }
        for sum in sums.values { try write(sum) }
        return nil
    }

    /// A call was not forwarded after all. On another day there is nothing to give back to.
    public func giveBack(_ charges: [DayCharge], takenOn day: Day, for lease: Lease) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            try database.run(
                "DELETE FROM budget_lease WHERE session = ? AND lease = ?", [.text(lease.session), .integer(lease.number)])
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
