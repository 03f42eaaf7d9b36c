import StrictJSON
import Testing

@testable import Store

/// Day budgets in the store.
@Suite struct BudgetTests {
    private static let today = Day(number: 20_000)
    private static let tomorrow = Day(number: 20_001)
    private static let mine = DayBudget(caller: 1_000, owner: .policy("shop"), name: "refunds")

    private static func decimal(_ text: String) throws -> JSONDecimal { try #require(JSONNumber(token: text)).decimal }

    private static func charge(_ amount: String, of limit: String = "10", _ budget: DayBudget = mine) throws -> DayCharge {
        DayCharge(budget, amount: try decimal(amount), limit: try decimal(limit))
    }

    /// A store by whose clock it is the day.
    private static func bench(_ kind: StoreKind) throws -> StoreBench {
        let bench = try StoreBench(kind)
        bench.day = today
        return bench
    }

    private static func lease(_ number: Int64, _ session: String = "s") -> Store.Lease { Store.Lease(session: session, number: number) }

    @Test("what is taken adds up exactly, and never beyond the limit", arguments: StoreKind.allCases)
    func exact(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        for _ in 0..<100 { #expect(try bench.take([Self.charge("0.1")]) == nil) }
        #expect(try bench.take([Self.charge("0.0000000001")]) == Self.mine)
        #expect(try bench.take([Self.charge("0")]) == nil)
        #expect(try bench.spent() == ["1000 shop refunds 10/10"])
    }

    @Test("of several charges all are taken, or none", arguments: StoreKind.allCases)
    func allOrNothing(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        let other = DayBudget(caller: 1_000, owner: .layer("finance"), name: "refunds")
        #expect(try bench.take([Self.charge("4"), Self.charge("4", of: "3", other)]) == other)
        #expect(try bench.spent() == [])
        #expect(try bench.take([Self.charge("4"), Self.charge("3", of: "3", other)]) == nil)
        #expect(try bench.spent() == ["1000 finance refunds 3/3", "1000 shop refunds 4/10"])
        #expect(try bench.take([Self.charge("4"), Self.charge("4")]) == Self.mine)
    }

    @Test("users, documents, kinds of documents and names each have a budget of their own", arguments: StoreKind.allCases)
    func keys(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        let all = [
            Self.mine, DayBudget(caller: 1_001, owner: .policy("shop"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .policy("shop2"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .layer("shop"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .policy("shop"), name: "refunds2"),
        ]
        for budget in all { #expect(try bench.take([Self.charge("10", budget)]) == nil) }
        for budget in all { #expect(try bench.take([Self.charge("1", budget)]) == budget) }
        #expect(try bench.spent(of: 1_001) == ["1001 shop refunds 10/10"])
    }

    @Test("a day begins anew, and a clock that was set back gives nothing back", arguments: StoreKind.allCases)
    func days(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        #expect(try bench.take([Self.charge("10")]) == nil)
        bench.day = Day(number: Self.today.number - 1)
        #expect(try bench.take([Self.charge("10")]) == Self.mine)
        bench.day = Self.tomorrow
        #expect(try bench.spent() == [])
        #expect(try bench.take([Self.charge("10")]) == nil)
        bench.day = Self.today
        #expect(try bench.take([Self.charge("1")]) == Self.mine)
        #expect(Day(at: 86_399_999_999_999).number == 0 && Day(at: 86_400_000_000_000).number == 1)
    }

    @Test("what is given back can be taken again, once, and on its own day only", arguments: StoreKind.allCases)
    func givesBack(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        let (one, two) = (Self.lease(1), Self.lease(2))
        #expect(try bench.answer(.take([Self.charge("2.5")], for: one, settled: 0)) == .all(on: Self.today))
        #expect(try bench.answer(.take([Self.charge("7.5")], for: two, settled: 0)) == .all(on: Self.today))
        for _ in 0..<2 { try bench.answer(.giveBack([Self.charge("2.5")], takenOn: Self.today, for: one)) }
        try bench.answer(.giveBack([Self.charge("2.5")], takenOn: Self.today, for: Self.lease(3)))
        #expect(try bench.spent() == ["1000 shop refunds 7.5/10"])
        bench.day = Self.tomorrow
        #expect(try bench.take([Self.charge("3")]) == nil)
        try bench.answer(.giveBack([Self.charge("7.5")], takenOn: Self.today, for: two))
        #expect(try bench.spent() == ["1000 shop refunds 3/10"])
    }

    @Test("what was taken is there for another process that uses the store", arguments: StoreKind.allCases)
    func shared(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        #expect(try bench.take([Self.charge("6")]) == nil)
        let other = try bench.another()
        #expect(try other.take([Self.charge("5")]) == Self.mine)
        #expect(try other.take([Self.charge("4")]) == nil)
        #expect(try bench.take([Self.charge("1")]) == Self.mine)
    }

    @Test(
        "who asks again for the same lease is told the same, and charged once; also by another daemon, and the day after",
        arguments: StoreKind.allCases)
    func again(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        #expect(try bench.answer(.take([Self.charge("6")], for: Self.lease(1), settled: 0)) == .all(on: Self.today))
        let next = try bench.another()
        for day in [Self.today, Self.tomorrow] {
            bench.day = day
            #expect(try next.answer(.take([Self.charge("6")], for: Self.lease(1), settled: 0)) == .all(on: Self.today))
        }
        bench.day = Self.today
        #expect(try bench.spent() == ["1000 shop refunds 6/10"])
        #expect(try next.answer(.take([Self.charge("6")], for: Self.lease(1, "t"), settled: 0)) == .none(Self.mine))
        #expect(try next.answer(.take([Self.charge("4")], for: Self.lease(2), settled: 0)) == .all(on: Self.today))
        #expect(try bench.spent() == ["1000 shop refunds 10/10"])
    }

    @Test("what was given back, settled or forgotten is taken anew", arguments: StoreKind.allCases)
    func forgets(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        let (one, two) = (Self.lease(1), Self.lease(2))
        #expect(try bench.answer(.take([Self.charge("6")], for: one, settled: 0)) == .all(on: Self.today))
        try bench.answer(.giveBack([Self.charge("6")], takenOn: Self.today, for: one))
        #expect(try bench.answer(.take([Self.charge("7")], for: one, settled: 0)) == .all(on: Self.today))
        #expect(try bench.spent() == ["1000 shop refunds 7/10"])
        #expect(try bench.answer(.take([Self.charge("1")], for: two, settled: 1)) == .all(on: Self.today))
        #expect(try bench.answer(.take([Self.charge("7")], for: one, settled: 0)) == .none(Self.mine))
        try bench.answer(.forgetLeases(of: "other"))
        #expect(try bench.answer(.take([Self.charge("1")], for: two, settled: 1)) == .all(on: Self.today))
        try bench.answer(.forgetLeases(of: "s"))
        #expect(try bench.answer(.take([Self.charge("1")], for: two, settled: 1)) == .all(on: Self.today))
        #expect(try bench.spent() == ["1000 shop refunds 9/10"])
        bench.day = Day(number: Self.today.number + 1)
        try bench.answer(.forgetLeases(of: "other"))
        #expect(try bench.number("SELECT count(*) FROM budget_lease") == 1)
        bench.day = Day(number: Self.today.number + 2)
        try bench.answer(.forgetLeases(of: "other"))
        #expect(try bench.number("SELECT count(*) FROM budget_lease") == 0)
    }

    @Test("budgets start anew by user, document and name", arguments: StoreKind.allCases)
    func resets(_ kind: StoreKind) throws {
        let bench = try Self.bench(kind)
        let others = [
            DayBudget(caller: 1_001, owner: .policy("shop"), name: "refunds"), DayBudget(caller: 1_000, owner: .layer("l"), name: "k"),
        ]
        for budget in [Self.mine] + others { #expect(try bench.take([Self.charge("1", budget)]) == nil) }
        #expect(try bench.answer(.resetBudgets(of: 1_000, document: "nobody's", budget: nil)) == 0)
        #expect(try bench.answer(.resetBudgets(of: 1_000, document: nil, budget: "refunds")) == 1)
        #expect(try bench.spent() == ["1000 l k 1/10", "1001 shop refunds 1/10"])
        #expect(try bench.answer(.resetBudgets(of: nil, document: nil, budget: nil)) == 2)
    }

    @Test("an amount or sum that somebody else wrote is no reason to spend", arguments: StoreKind.allCases, ["x", "-1", ""])
    func foreign(_ kind: StoreKind, _ text: String) throws {
        let bench = try Self.bench(kind)
        #expect(try bench.take([Self.charge("1")]) == nil)
        try bench.run("UPDATE day_budget SET spent = ?1", [.text(text)])
        #expect(throws: StoreError.corrupt) { try bench.take([Self.charge("1")]) }
        #expect(throws: StoreError.corrupt) { try bench.spent() }
    }

    @Test(
        "a decimal is written so that it reads as the same number",
        arguments: [
            "0", "1", "10", "1200", "0.1", "12.5", "0.00012", "1e300", "1e-300", "123456789012345678901234567890", "1e32", "1e33", "-2.5",
        ])
    func decimals(_ token: String) throws {
        let decimal = try Self.decimal(token)
        #expect(try Self.decimal(decimal.text) == decimal)
        #expect(token.contains("e") || decimal.text == token)
        #expect(try #require(decimal.adding(decimal.negated)).isZero)
    }
}

extension StoreBench {
    /// The one that its clock says.
    fileprivate var day: Day {
        get { Day(number: now / 86_400) }
        set { now = newValue.number * 86_400 + 43_200 }
    }

    /// For a lease of its own: then whose budget has less left.
    fileprivate func take(_ charges: [DayCharge]) throws(StoreError) -> DayBudget? {
        switch try answer(.take(charges, for: Store.Lease(session: "take", number: nextNumber()), settled: 0)) {
        case .all: return nil
        case .none(let budget): return budget
        }
    }

    fileprivate func spent(of caller: UInt32? = nil) throws(StoreError) -> [String] {
        let all = try answer(.spentBudgets(of: caller))
        return all.map { "\($0.budget.caller) \($0.budget.owner.name) \($0.budget.name) \($0.spent.text)/\($0.limit.text)" }
    }
}
