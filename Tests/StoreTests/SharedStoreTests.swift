import Descriptors
import EventLoop
import StrictJSON
import Testing

@testable import Store

/// What only a database that several hosts share has to stand: lost connections and answers, hosts that stop, an outage.
@Suite struct SharedStoreTests {
    private static let budget = DayBudget(caller: 1_000, owner: .policy("shop"), name: "refunds")

    private static func charge(_ amount: String) throws -> DayCharge {
        DayCharge(budget, amount: try #require(JSONNumber(token: amount)).decimal, limit: try #require(JSONNumber(token: "10")).decimal)
    }

    private static func lease(_ number: Int64) -> Store.Lease { Store.Lease(session: "s", number: number) }

    private static func spent(_ bench: SharedBench) throws -> [String] { try bench.answer(.spentBudgets(of: nil)).map(\.spent.text) }

    @Test("a call is charged once when the connection is lost around its commit", arguments: [CuttingRelay.Cut.beforeCommit, .afterCommit])
    func lostCommit(_ cut: CuttingRelay.Cut) throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        relay.cutNext(cut)
        guard case .all(let day) = try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0)) else {
            Issue.record("it was not taken")
            return
        }
        #expect(try Self.spent(bench) == ["3"])
        relay.cutNext(cut)
        try bench.answer(.giveBack([Self.charge("2")], takenOn: day, for: Self.lease(2)))
        #expect(try Self.spent(bench) == ["1"])
    }

    @Test("a grant is used once when the connection is lost around a commit", arguments: [CuttingRelay.Cut.beforeCommit, .afterCommit])
    func lostGrant(_ cut: CuttingRelay.Cut) throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        let binding = GrantBinding(caller: 1_000, server: "shop", tool: "refund", arguments: "aa", policy: "bb")
        relay.cutNext(cut)
        try bench.answer(.keep(Store.Grant(approval: "id", approver: "alice"), for: binding, seconds: 100))
        relay.cutNext(cut)
        #expect(try bench.answer(.takeGrant(for: binding, within: 100, use: "a"))?.approval == "id")
        #expect(try bench.answer(.takeGrant(for: binding, within: 100, use: "b")) == nil)
    }

    @Test("nobody is told that a call may be made when its transaction was taken back")
    func takenBack() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        relay.cutNext(.takenBack)
        #expect(throws: StoreError.sql("25P02")) { try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0)) }
        // The next one is performed, and asked again the lie is found to be one.
        #expect(try bench.answer(.take([Self.charge("4")], for: Self.lease(3), settled: 0)) != .none(Self.budget))
        _ = try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0))
        #expect(try Self.spent(bench) == ["7"])
    }

    @Test("where nothing passes any more, everybody is told in time; when it does again, all goes on")
    func silence() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        relay.cutNext(.silent)
        let began = Clock.monotonic
        #expect(throws: StoreError.unreachable) { try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0)) }
        #expect(Clock.monotonic - began < 6_000_000_000)
        bench.turn { !bench.notices.isEmpty }
        let again = Clock.monotonic
        #expect(throws: StoreError.unreachable) { try bench.answer(.take([Self.charge("4")], for: Self.lease(3), settled: 0)) }
        #expect(Clock.monotonic - again < 100_000_000)
        relay.cutNext(.none)
        bench.turn { bench.notices.last == .available }
        _ = try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0))
        #expect(try Self.spent(bench) == ["3"])
    }

    @Test("who only asks how it is does not wait for long")
    func examined() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        #expect(bench.examine() == .some(nil))
        relay.cutNext(.silent)
        bench.store.perform(try .take([Self.charge("2")], for: Self.lease(2), settled: 0)) { _ in }
        let began = Clock.monotonic
        #expect(bench.examine() == .some(.unreachable))
        #expect((900_000_000..<2_000_000_000).contains(Clock.monotonic - began))
        relay.cutNext(.none)
    }

    @Test("whatever a server says, every transaction comes to an end in time")
    func garbled() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let bench = try SharedBench(database)
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(0), settled: 0))
        var outcomes: [String: Int] = [:]
        for seed in UInt64(1)...20 {
            let relay = try CuttingRelay(to: .shared)
            relay.cutNext(.garbled(seed: seed))
            let other = try SharedBench(PostgresSettings(relay.settings(for: database)))
            let began = Clock.monotonic
            let outcome: String
            do throws(StoreError) {
                _ = try other.answer(.spentBudgets(of: nil))
                outcome = "answered"
            } catch {
                outcome = error.text
            }
            #expect(outcome != StoreError.tooSlow.text && Clock.monotonic - began < 7_000_000_000, "seed \(seed): \(outcome)")
            outcomes[outcome, default: 0] += 1
        }
        #expect(outcomes.count > 1, "\(outcomes)")
        // Nothing of that has changed anything.
        #expect(try Self.spent(bench) == ["1"])
    }

    @Test("of what may be done and must not be done twice, it is said that it is uncertain")
    func uncertain() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let relay = try CuttingRelay(to: .shared)
        let bench = try SharedBench(PostgresSettings(relay.settings(for: database)))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        relay.cutNext(.afterCommit)
        #expect(throws: StoreError.uncertain) { try bench.answer(.resetBudgets(of: nil, document: nil, budget: nil)) }
        #expect(try Self.spent(bench) == [])
    }

    @Test("a host that has stopped within a transaction keeps the others waiting for a bounded time")
    func stoppedHost() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let bench = try SharedBench(database)
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        let loop = try EventLoop()
        var isReady = false, isHeld = false
        let stopped = try PostgresConnection(PostgresSettings(PostgresServer.shared.settings(for: database)), in: loop) { event in
            switch event {
            case .ready: isReady = true
            case .answered: isHeld = true
            case .lost: break
            }
        }
        while !isReady { try loop.turn(waiting: true) }
        try stopped.send([PostgresDialect.begin] + PostgresDialect.locks(.budgets, .caller(1_000)))
        while !isHeld { try loop.turn(waiting: true) }
        let began = Clock.monotonic
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(2), settled: 0))
        let waited = Clock.monotonic - began
        #expect(waited > 500_000_000 && waited < 4_500_000_000, "\(waited) ns")
        #expect(try Self.spent(bench) == ["2"])
    }

    @Test("the time is the database's")
    func clock() throws {
        let bench = try SharedBench(PostgresServer.shared.makeDatabase())
        let binding = GrantBinding(caller: 1_000, server: "shop", tool: "refund", arguments: "aa", policy: "bb")
        try bench.answer(.keep(Store.Grant(approval: "id", approver: "alice"), for: binding, seconds: 100))
        let left = Statement("SELECT expires - ?1 FROM call_grant", [.now])
        let seconds = try bench.answer(
            Transaction(.grants, isRepeatable: true, left) { findings throws(StoreError) in try findings.number(of: 0) })
        #expect((90...100).contains(seconds))
    }

    @Test("hosts that begin at once make the tables once")
    func migrations() throws {
        let database = try PostgresServer.shared.makeDatabase()
        let all = try (0..<6).map { _ in try SharedBench(database) }
        for (number, bench) in all.enumerated() {
            _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(Int64(number)), settled: 0))
        }
        #expect(try Self.spent(all[0]) == ["6"])
        #expect(try PostgresServer.shared.say("sql \(database) SELECT version FROM sandboxd_schema") == "\(Schema.migrations.count)")
    }

    @Test("tables of a later version are left alone, and those of an earlier one are made anew")
    func versions() throws {
        let database = try PostgresServer.shared.makeDatabase()
        try PostgresServer.shared.say("sql \(database) CREATE TABLE sandboxd_schema (version BIGINT NOT NULL)")
        let first = PostgresDialect.table(Schema.migrations[0]).split(whereSeparator: \.isNewline).filter { !$0.contains("--") }
        try PostgresServer.shared.say("sql \(database) " + first.joined(separator: " "))
        try PostgresServer.shared.say("sql \(database) INSERT INTO sandboxd_schema VALUES (1)")
        _ = try SharedBench(database).answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        let later = Int64(Schema.migrations.count + 1)
        try PostgresServer.shared.say("sql \(database) UPDATE sandboxd_schema SET version = \(later)")
        let bench = try SharedBench(database)
        #expect(throws: StoreError.newer(version: later)) { try Self.spent(bench) }
        #expect(bench.notices == [.unavailable(.newer(version: later), detail: "")])
    }

    @Test("a database of another encoding is not used")
    func encoding() throws {
        let bench = try SharedBench(PostgresServer.shared.makeDatabase(encoding: "SQL_ASCII"))
        #expect(throws: StoreError.unsuited) { try Self.spent(bench) }
    }

    @Test("a text that PostgreSQL cannot hold is told, and the next transaction is performed")
    func unstorable() throws {
        let bench = try SharedBench(PostgresServer.shared.makeDatabase())
        let binding = GrantBinding(caller: 1_000, server: "sh\u{0}op", tool: "refund", arguments: "aa", policy: "bb")
        #expect(throws: StoreError.unstorable) { try bench.answer(.takeGrant(for: binding, within: 100, use: "a")) }
        #expect(try Self.spent(bench) == [])
    }

    @Test("an error of one transaction is told, and leaves nothing of it")
    func failure() throws {
        let bench = try SharedBench(PostgresServer.shared.makeDatabase())
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        let broken = Transaction<Void>(.budgets, excluding: .everybody, first: [Statement("DELETE FROM day_budget")]) {
            _ throws(StoreError) in ((), [Statement("SELECT nothing")])
        }
        #expect(throws: StoreError.sql("42703")) { try bench.answer(broken) }
        let thrown = Transaction<Void>(.budgets, excluding: .everybody, first: [Statement("DELETE FROM day_budget")]) {
            _ throws(StoreError) in throw .corrupt
        }
        #expect(throws: StoreError.corrupt) { try bench.answer(thrown) }
        #expect(try Self.spent(bench) == ["1"])
    }

    enum Outage: CaseIterable { case kill, stop }

    @Test(
        "while the database is away everybody is told in time, and soon at once; when it is back it is used again",
        arguments: Outage.allCases)
    func outage(_ outage: Outage) throws {
        let server = try PostgresServer()
        let bench = try SharedBench(PostgresSettings(server.settings(for: server.makeDatabase())))
        _ = try bench.answer(.take([Self.charge("1")], for: Self.lease(1), settled: 0))
        try server.say(outage == .kill ? "kill" : "stop")
        var began = Clock.monotonic
        #expect(throws: StoreError.unreachable) { try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0)) }
        #expect(Clock.monotonic - began < 6_000_000_000)
        bench.turn { !bench.notices.isEmpty }
        began = Clock.monotonic
        #expect(throws: StoreError.unreachable) { try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0)) }
        #expect(Clock.monotonic - began < 100_000_000)
        try server.say(outage == .kill ? "start" : "continue")
        bench.turn { bench.notices.last == .available }
        // Asked again, it is charged once, whatever came of it before.
        _ = try bench.answer(.take([Self.charge("2")], for: Self.lease(2), settled: 0))
        #expect(try Self.spent(bench) == ["3"])
        #expect(bench.notices.count == 2)
    }
}
