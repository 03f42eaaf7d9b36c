import Descriptors
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import Store

/// Day budgets in the store.
@Suite struct BudgetTests {
    let scratch: ScratchDirectory
    let store: Store

    private static let today = Day(number: 20_000)
    private static let mine = DayBudget(caller: 1_000, owner: .policy("shop"), name: "refunds")

    init() throws {
        scratch = try ScratchDirectory()
        store = try Store(directory: scratch.path + "/store")
    }

    private static func decimal(_ text: String) throws -> JSONDecimal { try #require(JSONNumber(token: text)).decimal }

    private static func charge(_ amount: String, of limit: String = "10", _ budget: DayBudget = mine) throws -> DayCharge {
        DayCharge(budget, amount: try decimal(amount), limit: try decimal(limit))
    }

    private static let numbers = Mutex<Int64>(0)

    /// For a lease of its own: then whose budget has less left.
    private func take(from other: Store? = nil, _ charges: [DayCharge], on day: Day) throws(StoreError) -> DayBudget? {
        let number = Self.numbers.withLock { number in
            number += 1
            return number
        }
        switch try (other ?? store).take(charges, on: day, for: Self.lease(number), settled: 0) {
        case .all: return nil
        case .none(let budget): return budget
        }
    }

    private static func lease(_ number: Int64, _ session: String = "s") -> Store.Lease { Store.Lease(session: session, number: number) }

    private func giveBack(_ charges: [DayCharge], takenOn day: Day) throws(StoreError) {
        try store.giveBack(charges, takenOn: day, for: Self.lease(0))
    }

    private func spent(_ day: Day = today, of caller: UInt32? = nil) throws -> [String] {
        try store.spentBudgets(of: caller, on: day).map {
            "\($0.budget.caller) \($0.budget.owner.name) \($0.budget.name) \($0.spent.text)/\($0.limit.text)"
        }
    }

    @Test("what is taken adds up exactly, and never beyond the limit")
    func exact() throws {
        for _ in 0..<100 { #expect(try take([Self.charge("0.1")], on: Self.today) == nil) }
        #expect(try take([Self.charge("0.0000000001")], on: Self.today) == Self.mine)
        #expect(try take([Self.charge("0")], on: Self.today) == nil)
        #expect(try spent() == ["1000 shop refunds 10/10"])
    }

    @Test("of several charges all are taken, or none")
    func allOrNothing() throws {
        let other = DayBudget(caller: 1_000, owner: .layer("finance"), name: "refunds")
        #expect(try take([Self.charge("4"), Self.charge("4", of: "3", other)], on: Self.today) == other)
        #expect(try spent() == [])
        #expect(try take([Self.charge("4"), Self.charge("3", of: "3", other)], on: Self.today) == nil)
        #expect(try spent() == ["1000 finance refunds 3/3", "1000 shop refunds 4/10"])
        #expect(try take([Self.charge("4"), Self.charge("4")], on: Self.today) == Self.mine)
    }

    @Test("users, documents, kinds of documents and names each have a budget of their own")
    func keys() throws {
        let all = [
            Self.mine, DayBudget(caller: 1_001, owner: .policy("shop"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .policy("shop2"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .layer("shop"), name: "refunds"),
            DayBudget(caller: 1_000, owner: .policy("shop"), name: "refunds2"),
        ]
        for budget in all { #expect(try take([Self.charge("10", budget)], on: Self.today) == nil) }
        for budget in all { #expect(try take([Self.charge("1", budget)], on: Self.today) == budget) }
        #expect(try spent(of: 1_001) == ["1001 shop refunds 10/10"])
    }

    @Test("a day begins anew, and a clock that was set back gives nothing back")
    func days() throws {
        #expect(try take([Self.charge("10")], on: Self.today) == nil)
        #expect(try take([Self.charge("10")], on: Day(number: Self.today.number - 1)) == Self.mine)
        let tomorrow = Day(number: Self.today.number + 1)
        #expect(try spent(tomorrow) == [])
        #expect(try take([Self.charge("10")], on: tomorrow) == nil)
        #expect(try take([Self.charge("1")], on: Self.today) == Self.mine)
        #expect(Day(at: 86_399_999_999_999).number == 0 && Day(at: 86_400_000_000_000).number == 1)
    }

    @Test("what is given back can be taken again, on its own day only")
    func givesBack() throws {
        #expect(try take([Self.charge("10")], on: Self.today) == nil)
        try giveBack([Self.charge("2.5")], takenOn: Self.today)
        #expect(try spent() == ["1000 shop refunds 7.5/10"])
        let tomorrow = Day(number: Self.today.number + 1)
        #expect(try take([Self.charge("3")], on: tomorrow) == nil)
        try giveBack([Self.charge("2.5")], takenOn: Self.today)
        #expect(try spent(tomorrow) == ["1000 shop refunds 3/10"])
    }

    @Test("what was taken is there for another process that opens the file")
    func shared() throws {
        #expect(try take([Self.charge("6")], on: Self.today) == nil)
        let other = try Store(directory: scratch.path + "/store")
        #expect(try take(from: other, [Self.charge("5")], on: Self.today) == Self.mine)
        #expect(try take(from: other, [Self.charge("4")], on: Self.today) == nil)
        #expect(try take([Self.charge("1")], on: Self.today) == Self.mine)
    }

    @Test("who asks again for the same lease is told the same, and charged once; also by another daemon, and the day after")
    func again() throws {
        let tomorrow = Day(number: Self.today.number + 1)
        #expect(try store.take([Self.charge("6")], on: Self.today, for: Self.lease(1), settled: 0) == .all(on: Self.today))
        let next = try Store(directory: scratch.path + "/store")
        for day in [Self.today, tomorrow] {
            #expect(try next.take([Self.charge("6")], on: day, for: Self.lease(1), settled: 0) == .all(on: Self.today))
        }
        #expect(try spent() == ["1000 shop refunds 6/10"])
        #expect(try next.take([Self.charge("6")], on: Self.today, for: Self.lease(1, "t"), settled: 0) == .none(Self.mine))
        #expect(try next.take([Self.charge("4")], on: Self.today, for: Self.lease(2), settled: 0) == .all(on: Self.today))
        #expect(try spent() == ["1000 shop refunds 10/10"])
    }

    @Test("what was given back, settled or forgotten is taken anew")
    func forgets() throws {
        let (one, two) = (Self.lease(1), Self.lease(2))
        #expect(try store.take([Self.charge("6")], on: Self.today, for: one, settled: 0) == .all(on: Self.today))
        try store.giveBack([Self.charge("6")], takenOn: Self.today, for: one)
        #expect(try store.take([Self.charge("7")], on: Self.today, for: one, settled: 0) == .all(on: Self.today))
        #expect(try spent() == ["1000 shop refunds 7/10"])
        #expect(try store.take([Self.charge("1")], on: Self.today, for: two, settled: 1) == .all(on: Self.today))
        #expect(try store.take([Self.charge("7")], on: Self.today, for: one, settled: 0) == .none(Self.mine))
        try store.forgetLeases(of: "other", on: Self.today)
        #expect(try store.take([Self.charge("1")], on: Self.today, for: two, settled: 1) == .all(on: Self.today))
        try store.forgetLeases(of: "s", on: Self.today)
        #expect(try store.take([Self.charge("1")], on: Self.today, for: two, settled: 1) == .all(on: Self.today))
        #expect(try spent() == ["1000 shop refunds 9/10"])
        try store.forgetLeases(of: "other", on: Day(number: Self.today.number + 2))
        #expect(try store.database.rows("SELECT count(*) FROM budget_lease") { (row) throws(StoreError) in try row.integer(0) } == [0])
    }

    @Test("budgets start anew by user, document and name")
    func resets() throws {
        let others = [
            DayBudget(caller: 1_001, owner: .policy("shop"), name: "refunds"), DayBudget(caller: 1_000, owner: .layer("l"), name: "k"),
        ]
        for budget in [Self.mine] + others { #expect(try take([Self.charge("1", budget)], on: Self.today) == nil) }
        #expect(try store.resetBudgets(of: 1_000, document: "nobody's", budget: nil) == 0)
        #expect(try store.resetBudgets(of: 1_000, document: nil, budget: "refunds") == 1)
        #expect(try spent() == ["1000 l k 1/10", "1001 shop refunds 1/10"])
        #expect(try store.resetBudgets(of: nil, document: nil, budget: nil) == 2)
    }

    @Test("an amount or sum that somebody else wrote is no reason to spend", arguments: ["x", "-1", ""])
    func foreign(_ text: String) throws {
        #expect(try take([Self.charge("1")], on: Self.today) == nil)
        try store.database.run("UPDATE day_budget SET spent = ?", [.text(text)])
        #expect(throws: StoreError.corrupt) { try take([Self.charge("1")], on: Self.today) }
        #expect(throws: StoreError.corrupt) { try spent() }
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
