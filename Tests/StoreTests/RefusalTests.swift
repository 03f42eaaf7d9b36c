import Evidence
import StrictJSON
import TestSupport
import Testing

@testable import Store

/// What the ledger of refusals keeps, and what becomes of it.
@Suite struct RefusalTests {
    private static func reason(_ code: String, line: Int = 3, file: String = "notes.yaml") -> JSON {
        let location: JSON = ["file": .string(file), "line": JSON(line), "column": 5, "length": 1]
        return ["code": .string(code), "location": location, "facts": ["clause": "egress"]]
    }

    private static func refused(
        _ policy: String = "notes", caller: UInt32 = 1_000, text: String = "sandboxd: 1\n", reasons: [JSON]? = nil, host: String = "{}",
        main: String = "notes.yaml", home: String = "/homes/s1", receipt: Int64 = 7, place: LedgerHost? = nil
    ) -> RefusedPolicy {
        let reasons = reasons ?? [reason("R201", file: main)]
        return RefusedPolicy(
            caller: caller, policy: policy, main: main, home: home, subject: RefusedPolicy.digest(Array(text.utf8), without: home),
            isExpanded: true, reasons: reasons,
            codes: reasons.compactMap { $0["code"]?.string }, layers: [:], host: Array(host.utf8),
            documents: [RefusedPolicy.Document(name: main, bytes: Array(text.utf8))], stage: .launch,
            receipt: RefusedPolicy.Receipt(log: "/evidence", number: receipt), place: place)
    }

    private static func kinds(_ whole: RefusalEntry.Whole) -> [String] { whole.events.map(\.kind.rawValue) }

    @Test("the same refusal again is counted, and makes neither an entry nor a line of history", arguments: StoreKind.allCases)
    func counts(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let first = try bench.record(Self.refused(receipt: 7), at: 10)
        let second = try bench.record(Self.refused(receipt: 9), at: 12)
        #expect(first.entry.id == second.entry.id)
        #expect(try bench.entries(nil).count == 1)
        #expect((second.entry.times, second.entry.firstSeen, second.entry.lastSeen, second.entry.state) == (2, 10, 12, .open))
        #expect(second.findings.count == 1 && Self.kinds(second) == ["refused"])
        #expect(second.findings[0].firstReceipt?.number == 7 && second.findings[0].lastReceipt?.number == 9)
    }

    @Test("what is open is counted of one caller and of all", arguments: StoreKind.allCases)
    func open(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.open(nil) == 0)
        for (policy, caller) in [("a", 1_000), ("b", 1_000), ("a", 1_001)] as [(String, UInt32)] {
            _ = try bench.record(Self.refused(policy, caller: caller))
        }
        let closed = try bench.record(Self.refused("c", caller: 1_000)).entry.id
        #expect(try (bench.open(nil), bench.open(1_000), bench.open(1_001), bench.open(1_002)) == (4, 3, 1, 0))
        try bench.close(closed)
        #expect(try (bench.open(nil), bench.open(1_000)) == (3, 2))
    }

    @Test("a path that is written otherwise is the same refusal", arguments: StoreKind.allCases)
    func path(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        _ = try bench.record(Self.refused(main: "notes.yaml"))
        #expect(try bench.record(Self.refused(main: "/home/a/notes.yaml")).findings.count == 1)
    }

    @Test("the home of a session's own user, which is another each time, makes no other refusal", arguments: StoreKind.allCases)
    func home(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        for home in ["/homes/s1", "/homes/s2"] {
            let reason: JSON = ["code": "R301", "location": .null, "facts": ["path": .string(home + "/x")]]
            #expect(try bench.record(Self.refused(text: "read \(home)/x", reasons: [reason], home: home)).findings.count == 1)
        }
    }

    /// What is another, as a person is told.
    private static let changes: [(RefusedPolicy, String)] = [
        (refused(text: "sandboxd: 1 # another\n"), "the policy changed"), (refused(host: "{\"kernel\":\"7\"}"), "the host changed"),
        (refused(reasons: [reason("R203")]), "the reasons changed"), (refused(reasons: [reason("R201", line: 4)]), "the reasons changed"),
        (refused(text: "other", host: "[]"), "the policy and the host changed"),
    ]

    @Test("closing covers what is known, and every change reopens", arguments: StoreKind.allCases, changes.indices)
    func reopens(_ kind: StoreKind, _ index: Int) throws {
        let bench = try StoreBench(kind)
        let (changed, words) = Self.changes[index]
        let id = try bench.record(Self.refused()).entry.id
        try bench.close(id)
        #expect(try bench.record(Self.refused(), at: 30).entry.state == .closed)
        let reopened = try bench.record(changed, at: 40)
        #expect(reopened.entry.id == id && reopened.entry.state == .open && reopened.findings.count == 2)
        #expect(Self.kinds(reopened) == ["refused", "closed", "refused", "reopened"])
        #expect(reopened.events[2].words == words)
        // Closed again it covers both.
        try bench.close(id, at: 50)
        #expect(try bench.record(Self.refused(), at: 60).entry.state == .closed)
        #expect(try bench.record(changed, at: 70).entry.state == .closed)
    }

    @Test("an exact policy of its name resolves an entry, and the next refusal opens it again", arguments: StoreKind.allCases)
    func resolves(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let id = try bench.record(Self.refused()).entry.id
        #expect(try bench.resolve("other", 1_000, at: 20) == nil)
        #expect(try bench.resolve("notes", 1_001, at: 20) == nil)
        #expect(try bench.resolve("notes", 1_000, at: 20) == id)
        #expect(try bench.resolve("notes", 1_000, at: 21) == nil)
        #expect(try bench.entries(nil).map(\.state) == [.resolved])
        let again = try bench.record(Self.refused(), at: 30)
        #expect(again.entry.state == .open && Self.kinds(again) == ["refused", "resolved", "reopened"])
        try bench.close(id)
        #expect(try bench.resolve("notes", 1_000, at: 40) == id)
    }

    @Test("an entry is its caller's", arguments: StoreKind.allCases)
    func callers(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let id = try bench.record(Self.refused(caller: 1_000)).entry.id
        #expect(try bench.record(Self.refused(caller: 1_001)).entry.id != id)
        #expect(try bench.entries(1_001).map(\.caller) == [1_001])
        #expect(try bench.answer(.wholeRefusal(id, ofCaller: 1_001)) == nil)
        #expect(try bench.answer(.noteRefusal("mine", on: id, ofCaller: 1_001, by: 1_001)) == nil)
        #expect(try bench.answer(.noteRefusal("mine", on: id, ofCaller: 1_000, by: 1_000)) != nil)
    }

    @Test("texts and host are those of what was refused last", arguments: StoreKind.allCases)
    func texts(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let (first, second) = (Self.refused(text: "first", host: "[1]"), Self.refused(text: "second", host: "[2]", main: "other.yaml"))
        for (refused, text) in [(first, "first"), (second, "second"), (first, "first")] {
            let whole = try bench.record(refused)
            #expect(whole.documents.map(\.bytes) == [Array(text.utf8)])
            #expect(whole.documents.map(\.name) == [refused.main])
            #expect(whole.host == refused.host)
            #expect(String(decoding: whole.findings[0].reasons, as: UTF8.self).contains(refused.main))
        }
    }

    @Test(
        "when a caller has too many, the oldest that is not open makes room; else a refusal is only counted", arguments: StoreKind.allCases)
    func room(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let most = Int(Store.RefusalLimits.callerEntries)
        for number in 0..<most { _ = try bench.record(Self.refused("p\(number)"), at: Int64(100 + number)) }
        #expect(try bench.answer(.record(Self.refused("more"))) == nil)
        #expect(try bench.answer(.record(Self.refused("more"), omitted: 5)) == nil)
        #expect(try bench.omitted(1_000) == 7 && bench.omitted(1_001) == 0 && bench.omitted(nil) == 7)
        // What there is is counted on.
        #expect(try bench.record(Self.refused("p0"), at: 950).entry.times == 2)
        try bench.close(RefusedPolicy.entry(of: "p9", for: 1_000))
        #expect(try bench.resolve("p5", 1_000, at: 960) != nil)
        _ = try bench.record(Self.refused("more"), at: 970)
        let names = try bench.entries(1_000).map(\.policy)
        #expect(names.count == most && !names.contains("p5") && names.contains("p9") && names.contains("more"))
        // Others have room of their own.
        _ = try bench.record(Self.refused("mine", caller: 1_001), at: 980)
    }

    @Test("a text that finds no room is left out, and its refusal is kept", arguments: StoreKind.allCases)
    func textRoom(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let large = String(repeating: "x", count: Int(Store.RefusalLimits.documentBytes))
        let most = Int(Store.RefusalLimits.callerBytes / Store.RefusalLimits.documentBytes)
        #expect(try bench.record(Self.refused("larger", text: large + "x")).documents.map(\.bytes) == [nil])
        for number in 0..<most {
            #expect(try bench.record(Self.refused("p\(number)", text: large)).documents[0].bytes?.count == large.utf8.count)
        }
        let whole = try bench.record(Self.refused("more", text: large))
        #expect(whole.documents == [RefusedPolicy.Document(name: "notes.yaml", size: Int64(large.utf8.count), bytes: nil)])
        #expect(try bench.record(Self.refused("other", caller: 1_001, text: large)).documents[0].bytes != nil)
    }

    @Test("of findings, events and reasons the newest are kept, and what a reviewer said", arguments: StoreKind.allCases)
    func bounds(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let reasons = (0..<100).map { Self.reason("R107", line: $0 + 1) }
        let whole = try bench.record(Self.refused(reasons: reasons))
        #expect(whole.findings[0].reasonsLeftOut == 36)
        try bench.close(whole.entry.id)
        for number in 0..<100 { _ = try bench.record(Self.refused(text: "\(number)"), at: Int64(30 + number)) }
        for number in 0..<100 {
            _ = try bench.answer(.noteRefusal("mine \(number)", on: whole.entry.id, ofCaller: 1_000, by: 1_000))
        }
        let full = try bench.record(Self.refused(text: "last"), at: 400)
        #expect(full.findings.count == 16 && full.findings[0].subject == SHA256.digest(Array("last".utf8)).hex)
        #expect(full.events.count == 64 && full.events.contains { $0.kind == .closed && $0.author == 0 })
        #expect(full.entry.times == 102)
    }

    @Test("host profiles are kept once, and for as long as a finding names them", arguments: StoreKind.allCases)
    func hosts(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let count = { try bench.number("SELECT count(*) FROM refusal_host") }
        for number in 0..<5 { _ = try bench.record(Self.refused("p\(number)", host: "[1]")) }
        #expect(try count() == 1)
        for number in 0..<40 { _ = try bench.record(Self.refused("p0", host: "[\(number + 2)]")) }
        #expect(try count() == 17)
    }

    private static let places = [("h1", "m1"), ("h2", "m1"), ("h1", "m2")].map { LedgerHost(name: $0, machine: $1) }

    @Test("of hosts that share a ledger none opens, counts, resolves or closes what is another's", arguments: StoreKind.allCases)
    func sharing(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let entries = try Self.places.map { try bench.record(Self.refused(place: $0)).entry }
        #expect(Set(entries.map(\.id)).count == 3 && entries.map(\.hostName) == ["h1", "h2", "h1"])
        let states = { try entries.map { entry in try bench.answer(.wholeRefusal(entry.id, ofCaller: nil))?.entry.state } }
        try bench.close(entries[1].id)
        #expect(try states() == [.open, .closed, .open])
        #expect(try bench.resolve("notes", 1_000, at: 20) == nil)
        #expect(try bench.resolve("notes", 1_000, at: 20, in: Self.places[0]) == entries[0].id)
        #expect(try states() == [.resolved, .closed, .open])
        // The same again reopens what is resolved there, and nothing else.
        let again = try bench.record(Self.refused(place: Self.places[0]), at: 30)
        #expect(again.entry.times == 2 && again.entry.state == .open)
        _ = try bench.record(Self.refused(host: "[1]", place: Self.places[2]), at: 40)
        #expect(try states() == [.open, .closed, .open])
        #expect(try bench.entries(1_000).count == 3)
    }

    @Test("each host has room of its own", arguments: StoreKind.allCases)
    func hostRoom(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let most = Int(Store.RefusalLimits.callerEntries)
        for number in 0..<most { _ = try bench.record(Self.refused("p\(number)", place: Self.places[0]), at: Int64(100 + number)) }
        #expect(try bench.answer(.record(Self.refused("more", place: Self.places[0]))) == nil)
        _ = try bench.record(Self.refused("more", place: Self.places[1]))
        #expect(try bench.answer(.record(Self.refused("more", place: Self.places[0]), omitted: 1)) == nil)
        #expect(try bench.omitted(1_000) == 3)
        // What is done elsewhere makes no room here.
        try bench.close(RefusedPolicy.entry(of: "more", for: 1_000, at: Self.places[1]))
        #expect(try bench.answer(.record(Self.refused("another", place: Self.places[0]))) == nil)
    }

    @Test("entries and counts of a host's own ledger are kept when hosts come to have a name in it")
    func gainsHosts() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/earlier.sqlite"
        do {
            let earlier = try Database(at: path, migrations: Array(Schema.migrations.prefix(4)))
            try earlier.run("INSERT INTO refusal VALUES ('a', 1000, 'notes', 'open', 1, 2, 3, 'R201')")
            try earlier.run("INSERT INTO refusal_omitted VALUES (1000, 7, 2)")
        }
        let database = try Database(at: path, migrations: Schema.migrations)
        let find = RefusalRows.find(of: 1_000, after: "")
        let entries = try database.rows(of: find, now: 0).map { (row) throws(StoreError) in try RefusalRows.entry(row) }
        #expect(entries.map(\.hostName) == [""] && entries.map(\.times) == [3])
        #expect(try database.rows(of: RefusalRows.countOmitted(of: nil), now: 0)[0].integer(0) == 7)
    }

    @Test("a store that an earlier sandboxd made gains the ledger, and keeps what it has")
    func migrates() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/earlier.sqlite"
        do {
            let earlier = try Database(at: path, migrations: Array(Schema.migrations.prefix(3)))
            try earlier.run("INSERT INTO budget_lease (session, lease, day) VALUES ('s', 1, 2)")
        }
        let database = try Database(at: path, migrations: Schema.migrations)
        #expect(try database.rows("SELECT count(*) FROM budget_lease") { (row) throws(StoreError) in try row.integer(0) } == [1])
        #expect(try database.rows("SELECT count(*) FROM refusal") { (row) throws(StoreError) in try row.integer(0) } == [0])
    }
}

extension StoreBench {
    fileprivate func record(_ refused: RefusedPolicy, at now: Int64 = 10) throws -> RefusalEntry.Whole {
        self.now = now
        let id = try #require(try answer(.record(refused)))
        return try #require(try answer(.wholeRefusal(id, ofCaller: nil)))
    }

    fileprivate func close(_ id: String, at now: Int64 = 20) throws {
        self.now = now
        _ = try #require(try answer(.closeRefusal("known", on: id, ofCaller: nil, by: 0)))
    }

    /// The id of what that resolves.
    fileprivate func resolve(_ policy: String, _ caller: UInt32, at now: Int64, in place: LedgerHost? = nil) throws -> String? {
        self.now = now
        let unresolved = try answer(.unresolvedRefusal(of: policy, for: caller, at: place))
        let resolved = try answer(.resolveRefusal(of: policy, for: caller, at: place))
        #expect(unresolved?.id == resolved?.id)
        return resolved?.id
    }

    fileprivate func entries(_ caller: UInt32?) throws -> [RefusalEntry] { try answer(.refusals(ofCaller: caller)).entries }

    fileprivate func open(_ caller: UInt32?) throws -> Int64 { try answer(.openRefusals(ofCaller: caller)) }

    fileprivate func omitted(_ caller: UInt32?) throws -> Int64 { try answer(.refusals(ofCaller: caller)).omitted }
}
