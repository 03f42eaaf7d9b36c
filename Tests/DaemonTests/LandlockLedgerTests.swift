import Evidence
import Kernel
import Policy
import StrictJSON
import Testing

@testable import Daemon

@Suite struct LandlockLedgerTests {
    private static let second: UInt64 = 1_000_000_000
    private static let keeper = "/usr/local/bin/sandbox-keeper"

    private static func facts(_ session: String) -> SessionFacts { SessionFacts(session: session)! }

    private static func denied(_ domain: UInt64, _ path: String = "/etc/shadow", at time: UInt64 = 1_000) -> LandlockRecord {
        let object = LandlockAct.Object.file(path: Array(path.utf8), device: Array("vda".utf8), inode: 7)
        return .denied(.init(domain: domain, time: time, act: LandlockAct(blockers: ["fs.read_file"], object: object)))
    }

    private static func named(_ domain: UInt64, _ process: Int32, by program: String = keeper, at time: UInt64 = 1_000) -> LandlockRecord {
        .named(.init(domain: domain, time: time, process: process, program: Array(program.utf8)))
    }

    /// One session `a`, whose server is process 10 since 900.
    private static func ledger(_ records: LandlockRecord...) -> LandlockLedger {
        var ledger = LandlockLedger()
        ledger.expect(facts("a"), process: 10, at: 900)
        for record in records { ledger.take(record) }
        return ledger
    }

    private static func told(_ ledger: inout LandlockLedger, at now: UInt64 = 0) -> [String] {
        ledger.statements(at: now).map { one in
            let what = one.body["path"]?.string ?? one.body["lost"].map { _ in "lost" } ?? one.body["event"]?.string ?? "others"
            return "\(one.facts.session) \(what) \(one.body["count"]?.int64 ?? one.body["lost"]?.int64 ?? 0)"
        }
    }

    @Test("an act comes before the record that says whose it is; later ones are known by their domain")
    func joins() {
        var ledger = Self.ledger(Self.denied(1))
        #expect(Self.told(&ledger) == [], "nobody's yet")
        ledger.take(Self.named(1, 10))
        ledger.take(Self.denied(1, at: 1_500))
        ledger.take(Self.denied(1, "/b"))
        let statements = ledger.statements(at: 0)
        #expect(statements.map(\.kind) == [.kernelDenial, .kernelDenial])
        let expected: JSONObject = [
            "attribution": "absent", "blockers": ["fs.read_file"], "claim": "observed", "count": 2, "device": "vda", "inode": "7",
            "mechanism": "landlock", "path": "/etc/shadow", "since": 1_000, "until": 1_500,
        ]
        #expect(JSON.object(statements[0].body) == .object(expected))
        #expect(Self.told(&ledger) == [], "once")
    }

    @Test("domains of others make no receipt, whatever they are called")
    func others() {
        var ledger = Self.ledger(
            Self.denied(1), Self.named(1, 11), Self.denied(1), Self.denied(2), Self.named(2, 10, by: "/usr/bin/python3"), Self.denied(2),
            Self.denied(3), Self.named(3, 10, by: "sandbox-keeper"), Self.named(4, 10, by: "/sandbox-keeper-not"),
            .gone(domain: 1, denials: 9))
        #expect(Self.told(&ledger) == [])
        ledger.close("a", at: 0)
        #expect(Self.told(&ledger, at: LandlockLedger.patience) == [] && ledger.isEmpty)
    }

    @Test("of several domains that a session's process makes, the first is the session's")
    func nested() {
        var ledger = Self.ledger(Self.named(5, 10), Self.denied(5), Self.denied(6), Self.named(6, 10), Self.denied(6))
        #expect(Self.told(&ledger) == ["a /etc/shadow 1"])
        // The later one was told of first: what is known of it is not the session's.
        ledger = Self.ledger(Self.denied(6, "/own"), Self.named(6, 10), Self.denied(5), Self.named(5, 10))
        #expect(Self.told(&ledger) == ["a /etc/shadow 1"])
    }

    @Test("a number of a process that is given again is the latest session's that had it by then")
    func reused() {
        var ledger = Self.ledger(Self.named(1, 10))
        ledger.close("a", at: 0)
        ledger.expect(Self.facts("b"), process: 10, at: 5_000)
        ledger.take(Self.denied(1, "/late"))
        ledger.take(Self.denied(2, "/new", at: 5_100))
        ledger.take(Self.named(2, 10, at: 5_100))
        #expect(Self.told(&ledger) == ["a /late 1", "b /new 1"])
        // Whose first act was written down before the second session was there.
        var late = Self.ledger()
        late.close("a", at: 0)
        late.expect(Self.facts("b"), process: 10, at: 5_000)
        late.take(Self.denied(1, at: 4_000))
        late.take(Self.named(1, 10, at: 4_000))
        #expect(Self.told(&late) == ["a /etc/shadow 1"])
    }

    @Test("what the kernel counted and no record told is lost, and said to be")
    func counts() {
        var ledger = Self.ledger(Self.denied(1), Self.named(1, 10), Self.denied(1))
        ledger.close("a", at: 0)
        #expect(ledger.awaitsEnds)
        ledger.take(.gone(domain: 1, denials: 5))
        #expect(!ledger.awaitsEnds)
        #expect(Self.told(&ledger) == ["a /etc/shadow 2", "a lost 3"])
        #expect(ledger.isEmpty)
        var whole = Self.ledger(Self.denied(1), Self.named(1, 10), .gone(domain: 1, denials: 1))
        whole.close("a", at: 0)
        #expect(Self.told(&whole) == ["a /etc/shadow 1"] && whole.isEmpty)
    }

    @Test("a domain whose end is not told was not counted")
    func uncounted() {
        var ledger = Self.ledger(Self.denied(1), Self.named(1, 10))
        ledger.close("a", at: Self.second)
        #expect(Self.told(&ledger, at: Self.second) == ["a /etc/shadow 1"])
        #expect(Self.told(&ledger, at: LandlockLedger.patience) == [])
        #expect(Self.told(&ledger, at: LandlockLedger.patience + Self.second) == ["a denials-uncounted 0"])
        #expect(ledger.isEmpty)
    }

    @Test("records that were lost may have been any session's, and count where nothing else does")
    func lost() {
        var ledger = Self.ledger()
        ledger.lose()
        ledger.close("a", at: 0)
        ledger.expect(Self.facts("b"), process: 11, at: 900)
        ledger.close("b", at: 0)
        #expect(Self.told(&ledger, at: LandlockLedger.patience) == ["a denials-uncounted 0"])
        var counted = Self.ledger(Self.denied(1), Self.named(1, 10))
        counted.lose()
        counted.take(.gone(domain: 1, denials: 1))
        counted.close("a", at: 0)
        #expect(Self.told(&counted) == ["a /etc/shadow 1"], "the kernel counted no more")
    }

    @Test("a domain that is gone and that nobody named may have been a session's")
    func unnamed() {
        var ledger = Self.ledger(.gone(domain: 7, denials: 3))
        ledger.close("a", at: 0)
        #expect(Self.told(&ledger, at: LandlockLedger.patience) == ["a denials-uncounted 0"])
        var others = Self.ledger(Self.denied(7), Self.named(7, 11), Self.denied(7), .gone(domain: 7, denials: 3))
        others.close("a", at: 0)
        #expect(Self.told(&others, at: LandlockLedger.patience) == [])
    }

    @Test("a clock that is set back takes no session its records")
    func clocks() {
        var ledger = Self.ledger(Self.denied(1, at: 100), Self.named(1, 10, at: 100))
        #expect(Self.told(&ledger) == ["a /etc/shadow 1"])
    }

    @Test("when nothing will be heard any more, each session that it was promised for is told")
    func abandons() {
        var ledger = Self.ledger(Self.denied(1), Self.named(1, 10))
        ledger.expect(Self.facts("b"), process: 11, at: 900)
        let statements = ledger.abandon("switched off")
        #expect(statements.map(\.facts.session) == ["a", "a", "b"])
        #expect(statements.map(\.kind) == [.kernelDenial, .lifecycle, .lifecycle])
        #expect(statements[1].body["error"] == "switched off" && ledger.isEmpty)
    }

    @Test("a server that is denied much fills neither log nor memory")
    func bounds() {
        var ledger = Self.ledger(Self.named(1, 10))
        for number in 0..<5_000 { ledger.take(Self.denied(1, "/\(number % 1_000)")) }
        let told = Self.told(&ledger)
        #expect(told.count == UntoldActs.individuallyTold + 1)
        #expect(told.last == "a others \(5_000 - 5 * UntoldActs.individuallyTold)")
        // Nor does other software.
        for number in 0..<5_000 { ledger.take(Self.denied(UInt64(100 + number))) }
        ledger.take(Self.named(100 + 4_999, 10, by: "/x"))
        #expect(Self.told(&ledger) == [])
    }

    @Test("names that are no text are told in hexadecimal digits, and addresses as they are")
    func bodies() {
        var untold = UntoldActs()
        let objects: [LandlockAct.Object] = [
            .file(path: [0x2f, 0xff], device: [0xfe], inode: .max), .file(path: nil, device: [0x61], inode: 1), .other,
        ]
        for object in objects { untold.add(.init(domain: 1, time: 1, act: LandlockAct(blockers: ["fs.x"], object: object))) }
        let peer = LandlockAct(blockers: ["net.connect_tcp"], object: .peer(.init("::ffff:192.0.2.1"), port: 443))
        let own = LandlockAct(blockers: ["net.bind_tcp"], object: .own(nil, port: 80))
        for act in [peer, own] { untold.add(.init(domain: 1, time: 1, act: act)) }
        let bodies = untold.take()
        #expect(bodies[0]["pathBytes"] == "2fff" && bodies[0]["deviceBytes"] == "fe" && bodies[0]["inode"] == "18446744073709551615")
        #expect(bodies[1]["pathTooLong"] == true && bodies[1]["path"] == nil)
        #expect(bodies[2]["path"] == nil && bodies[2]["port"] == nil)
        #expect(
            bodies[3]["address"] == "192.0.2.1" && bodies[3]["port"] == 443 && bodies[3]["transport"] == "tcp" && bodies[3]["own"] == nil)
        #expect(bodies[4]["address"] == nil && bodies[4]["own"] == true && untold.isEmpty)
        for body in bodies { #expect((try? JSON.object(body).canonical()) != nil) }
    }
}
