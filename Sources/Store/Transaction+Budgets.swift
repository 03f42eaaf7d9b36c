public import StrictJSON

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
}

// MARK: Taking

extension Transaction<Store.Taken> {
    /// Takes all of the charges, or none, when one would be more than is left. Asked again for the same lease it takes nothing more, and says
    /// the same. `settled`: up to this number the session's leases are not asked for again. The charges are all of one user.
    ///
    /// INVARIANT: what was taken stays taken until it is given back, also when whoever took it dies.
    public static func take(_ charges: [DayCharge], for lease: Store.Lease, settled: Int64) -> Transaction {
        let budgets = Array(Set(charges.map(\.budget)))
        let first = [forget(lease, settled), find(lease)] + budgets.map(SpentBudgets.find)
        return Transaction(.budgets, excluding: exclusion(charges), isRepeatable: true, first: first) { findings throws(StoreError) in
            if let day = try findings.rows(of: 1, { row throws(StoreError) in Day(number: try row.integer(0)) }).first {
                return (.all(on: day), [])
            }
            var sums = SpentBudgets(try findings.spent(from: 2), today: findings.day)
            if let budget = sums.charge(charges) { return (.none(budget), []) }
            return (.all(on: findings.day), sums.changes + [keep(lease, findings.day)])
        }
    }

    private static func forget(_ lease: Store.Lease, _ settled: Int64) -> Statement {
        Statement(
            "DELETE FROM budget_lease WHERE session = ?1 AND lease <= ?2 AND lease <> ?3",
            [.text(lease.session), .integer(settled), .integer(lease.number)])
    }

    private static func find(_ lease: Store.Lease) -> Statement {
        Statement("SELECT day FROM budget_lease WHERE session = ?1 AND lease = ?2", [.text(lease.session), .integer(lease.number)])
    }

    private static func keep(_ lease: Store.Lease, _ day: Day) -> Statement {
        Statement(
            "INSERT INTO budget_lease (session, lease, day) VALUES (?1, ?2, ?3)",
            [.text(lease.session), .integer(lease.number), .integer(day.number)])
    }
}

// MARK: Giving back

extension Transaction<Void> {
    /// A call was not forwarded after all: what it took is given back, once. On another day there is nothing to give back to.
    public static func giveBack(_ charges: [DayCharge], takenOn day: Day, for lease: Store.Lease) -> Transaction {
        let budgets = Array(Set(charges.map(\.budget)))
        let taken = Statement(
            "DELETE FROM budget_lease WHERE session = ?1 AND lease = ?2 RETURNING day", [.text(lease.session), .integer(lease.number)])
        let first = [taken] + budgets.map(SpentBudgets.find)
        return Transaction(.budgets, excluding: exclusion(charges), isRepeatable: true, first: first) { findings throws(StoreError) in
            guard !findings.rows[0].isEmpty else { return ((), []) }
            var sums = SpentBudgets(try findings.spent(from: 1), today: day)
            sums.giveBack(charges)
            return ((), sums.changes)
        }
    }

    /// A session is over: nobody asks for its leases again. Neither for those of days past, whose sandboxd nobody followed.
    public static func forgetLeases(of session: String) -> Transaction {
        Transaction(
            .budgets, isRepeatable: true,
            Statement("DELETE FROM budget_lease WHERE session = ?1 OR day < ?2 / 86400 - 1", [.text(session), .now])
        ) { _ throws(StoreError) in }
    }
}

extension Transaction {
    /// Where nothing is charged nobody is in the way.
    fileprivate static func exclusion(_ charges: [DayCharge]) -> Exclusion { charges.first.map { .caller($0.budget.caller) } ?? .everybody }
}

extension Findings {
    /// Those that the answers from here on tell of.
    fileprivate func spent(from index: Int) throws(StoreError) -> [Store.SpentBudget] {
        var found: [Store.SpentBudget] = []
        for answer in index..<rows.count { found += try rows(of: answer, SpentBudgets.read) }
        return found
    }
}

// MARK: People

extension Transaction<[Store.SpentBudget]> {
    /// What is spent today of the budgets of one user, or of all.
    public static func spentBudgets(of caller: UInt32?) -> Transaction {
        Transaction(.budgets, isRepeatable: true, SpentBudgets.find(of: caller)) { findings throws(StoreError) in
            try findings.rows(SpentBudgets.read).filter { $0.day >= findings.day && !$0.spent.isZero }
        }
    }
}

extension Transaction<Int> {
    /// Lets budgets start anew: all of one user, or those of one name; how many had something spent.
    public static func resetBudgets(of caller: UInt32?, document: String?, budget: String?) -> Transaction {
        let matching = Statement(
            """
            DELETE FROM day_budget WHERE (CAST(?1 AS BIGINT) IS NULL OR caller = ?1) AND (CAST(?2 AS TEXT) IS NULL OR name = ?2)
            AND (CAST(?3 AS TEXT) IS NULL OR budget = ?3) RETURNING caller
            """, [.integer(caller.map(Int64.init)), .text(document), .text(budget)])
        return Transaction(.budgets, excluding: .everybody, first: [matching]) { findings throws(StoreError) in
            (findings.rows[0].count, [])
        }
    }
}
