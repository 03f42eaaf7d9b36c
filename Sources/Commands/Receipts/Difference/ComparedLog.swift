import Evidence
import StrictJSON

/// What a log says, as far as another can be compared with it. Arguments are no part of it: their commitments differ by session.
struct ComparedLog: Sendable {
    /// Things that ought not to be there.
    enum Trouble: String, Sendable, Hashable, CaseIterable {
        case refusal
        case launchFailure = "launch-failure"
        case violation
        case kernelDenial = "kernel-denial"
        case drift
    }

    /// More kinds of things than this are not compared: what is over the limit could be anything.
    static let limit = 100_000

    private(set) var custodies: Set<Custody> = []
    /// By server, and side, method and tool or prompt.
    private(set) var decisions: [ComparedSubject: Laxity] = [:]
    private(set) var claims: [ComparedSubject: ClaimLevel] = [:]
    private(set) var troubles: [Trouble: [ComparedSubject: UInt64]] = [:]
    /// Of a server's sessions.
    private(set) var policies: [ComparedSubject: Set<String>] = [:]
    private(set) var isTooLarge = false
    private var cards = SessionCards.usual
    /// Holds that may yet be granted, and grants that may yet be used, by session and what they are for.
    private var holds = BoundedMemory<ReceiptRecord.Place, ComparedSubject>(capacity: 65_536)
    private var grants = BoundedMemory<ComparedSubject, Int>(capacity: 65_536)

    mutating func add(_ record: ReceiptRecord) {
        cards.note(record)
        custodies.insert(record.custody)
        let server = cards.card(of: record)?.server ?? record.text("server") ?? ""
        switch record.kind {
        case .launch: addLaunch(record, server)
        case .refusal:
            for reason in record.body["reasons"]?.array ?? [] { add(.refusal, ComparedSubject(server, reason["code"]?.string ?? "?")) }
        case .decision, .hold: addDecision(record, server)
        case .kernelDenial: addDenial(record, server)
        case .drift: add(.drift, ComparedSubject(server, record.text("kind") ?? "?", record.text("name") ?? ""))
        case .lifecycle: addEvent(record, server)
        case .outcome: note("outcomes", .reported, server)
        case .exit: note("endings", .observed, server)
        case .grant, .connection, .preparation: break
        }
    }

    // MARK: What each receipt adds

    private mutating func addLaunch(_ record: ReceiptRecord, _ server: String) {
        guard record.says("outcome", "released") else {
            return add(.launchFailure, ComparedSubject(server, record.text("step") ?? "?"))
        }
        let subject = ComparedSubject(server)
        if has(roomIn: policies, for: subject) { policies[subject, default: []].insert(record.policy ?? "none") }
        note("client", record.body["client"]?["uid"] == nil ? .absent : .observed, server)
        note("self-test", record.body["selfTest"] == nil ? .absent : .observed, server)
        let denials = record.body["kernelDenials"]
        for (level, name) in [(ClaimLevel.observed, "observed"), (.absent, "absent")] {
            for clause in denials?[name]?.array ?? [] { note("denials-of/\(clause.string ?? "?")", level, server) }
        }
    }

    private mutating func addDecision(_ record: ReceiptRecord, _ server: String) {
        if record.kind == .hold, let earlier = record.earlier.first {
            if record.says("outcome", "granted"), let subject = holds[earlier], let session = record.session {
                count(+1, subject, session)
            }
            return
        }
        guard let decision = record.text("decision") else { return }
        let subject = Self.subject(record, server)
        switch decision {
        case "block": see(.blocked, subject)
        case "hold":
            see(.asked, subject)
            if let place = record.place { holds.set(place, subject) }
        case "forward": see(useGrant(subject, record.session) ? .asked : .forwarded, subject)
        case _: break
        }
        if record.body["tool"] != nil { note("commitments", record.body["arguments"] == nil ? .absent : .observed, server) }
    }

    private static func subject(_ record: ReceiptRecord, _ server: String) -> ComparedSubject {
        let isCall = record.body["tool"] != nil
        return ComparedSubject(
            server, record.text("side") ?? "client", isCall ? "tools/call" : record.text("method") ?? record.text("unknownMethod") ?? "",
            record.text("tool") ?? record.text("prompt") ?? "")
    }

    private mutating func addDenial(_ record: ReceiptRecord, _ server: String) {
        let summary = KernelDenialSummary(record.body)
        switch summary.subject {
        case .act(let act, let target): add(.kernelDenial, ComparedSubject(server, act, target), summary.count)
        case .others: add(.kernelDenial, ComparedSubject(server, "several kinds"), summary.count)
        case .untold, .unobservable: note("all-denials", .absent, server)
        }
    }

    private mutating func addEvent(_ record: ReceiptRecord, _ server: String) {
        if record.says("event", "violation") {
            add(.violation, ComparedSubject(server, record.text("peer") ?? "?", record.text("fault") ?? ""))
        } else if record.says("event", "denials-uncounted") {
            note("all-denials", .absent, server)
        }
    }

    // MARK: Keeping it

    private mutating func see(_ laxity: Laxity, _ subject: ComparedSubject) {
        guard has(roomIn: decisions, for: subject) else { return }
        decisions[subject] = max(decisions[subject] ?? laxity, laxity)
    }

    /// The weakest of what is said counts.
    private mutating func note(_ claim: String, _ level: ClaimLevel, _ server: String) {
        let subject = ComparedSubject(server, claim)
        guard has(roomIn: claims, for: subject) else { return }
        claims[subject] = min(claims[subject] ?? level, level)
    }

    private mutating func add(_ trouble: Trouble, _ subject: ComparedSubject, _ count: UInt64 = 1) {
        guard has(roomIn: troubles[trouble] ?? [:], for: subject) else { return }
        troubles[trouble, default: [:]][subject, default: 0] &+= count
    }

    private mutating func has<Value>(roomIn table: [ComparedSubject: Value], for subject: ComparedSubject) -> Bool {
        if table[subject] != nil || table.count < Self.limit { return true }
        isTooLarge = true
        return false
    }

    // MARK: Grants

    private mutating func count(_ change: Int, _ subject: ComparedSubject, _ session: String) {
        let key = ComparedSubject(session, subject.what.joined(separator: "\u{0}"))
        let left = (grants[key] ?? 0) + change
        grants.remove(key)
        if left > 0 { grants.set(key, left) }
    }

    private mutating func useGrant(_ subject: ComparedSubject, _ session: String?) -> Bool {
        guard let session, grants[ComparedSubject(session, subject.what.joined(separator: "\u{0}"))] != nil else { return false }
        count(-1, subject, session)
        return true
    }

    /// Whether a session of that server was started.
    func ran(_ server: String) -> Bool { policies[ComparedSubject(server)] != nil }
}
