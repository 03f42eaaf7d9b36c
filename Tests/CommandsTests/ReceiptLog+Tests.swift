import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Commands
@testable import Evidence

/// 2026-01-31T08:05:00.000123Z.
private let someTime: UInt64 = 1_769_846_700_000_123_456

/// Receipts of invented sessions, written by the log's own code.
struct LogWriter {
    private let log: ReceiptLog
    private var spools: [String: UInt64] = [:]
    private var time = someTime

    init(_ path: String, custody: Custody = .daemon) throws {
        let key = try #require(SigningKey(seed: [UInt8](0..<32)))
        log = try ReceiptLog(directory: path, key: key, custody: custody, receiptsPerSegment: 8, time: someTime)
        try WorkingDirectory().open("\(path)/key.pub", [.write, .create, .truncate]).writeWhole(key.verifier.text + "\n")
    }

    /// What the daemon states.
    mutating func state(_ kind: ReceiptKind, _ session: String?, _ body: JSONObject) throws {
        time += 1_000_000_000
        try log.append(
            try Receipt(kind, time: time, facts: session.flatMap { SessionFacts(session: $0, policy: SHA256.digest([1])) }, body: body))
    }

    /// What a gate states; its number in the spool is returned.
    @discardableResult
    mutating func gate(_ kind: ReceiptKind, _ body: JSONObject, session: String = "s1") throws -> Int {
        time += 1_000_000_000
        spools[session, default: 0] += 1
        let number = spools[session] ?? 0
        let facts = try #require(SessionFacts(session: session, policy: SHA256.digest([1])))
        let frame = SpoolFrame(kind: kind, number: number, time: time, body: try JSON.object(body).canonical(), range: 0..<0)
        try log.append(try #require(Receipt(frame, body, facts: facts)))
        return Int(number)
    }

    mutating func launch(_ session: String = "s1", server: String = "notes", client: String = "agent", absent: [String] = ["files"]) throws
    {
        try state(
            .launch, session,
            [
                "client": [
                    "claim": "observed", "name": .string(client),
                    "parent": ["executable": "/opt/claude", "name": "node", "pid": 76, "uid": 1000],
                    "pid": 77, "uid": 1000,
                ], "command": "/usr/bin/notes",
                "kernelDenials": ["absent": .array(absent.map { .string($0) }), "observed": ["egress.tcp"]], "outcome": "released",
                "selfTest": ["asPlanned": 12, "untried": []], "server": .string(server), "user": ["kind": "caller", "uid": 1000],
            ])
    }

    /// A call, what was decided of it, and what came of it where it was forwarded.
    @discardableResult
    mutating func call(_ tool: String, _ decision: String, rule: String? = nil, reason: String? = nil, session: String = "s1") throws -> Int
    {
        var body: JSONObject = [
            "arguments": "hmac-sha256:00", "bytes": 100, "decision": .string(decision), "id": 1, "method": "tools/call", "side": "client",
            "tool": .string(tool),
        ]
        if let rule { body["rule"] = .string(rule) }
        if let reason { body["reason"] = .string(reason) }
        let number = try gate(.decision, body, session: session)
        if decision == "forward" { try outcome(of: number, session: session) }
        return number
    }

    mutating func outcome(of number: Int, session: String = "s1") throws {
        try gate(
            .outcome, ["bytes": 10, "decision": JSON(number), "isError": false, "microseconds": 3_200, "status": "result"], session: session
        )
    }

    mutating func exit(_ session: String = "s1") throws {
        try state(.exit, session, ["first": "client", "gate": "exited 0", "server": "exited 0"])
    }

    func sign() throws { try log.checkpoint() }

    /// So many receipts were removed by retention, a year later.
    func retain() throws -> UInt64 { try log.retain(now: time + 31_536_000_000_000_000)?.receipts ?? 0 }
}

extension ScratchDirectory {
    /// A log of one session that shows most of what logs show, all of it signed.
    func eventfulLog(_ name: String = "log", custody: Custody = .daemon) throws -> String {
        var writer = try LogWriter("\(path)/\(name)", custody: custody)
        try writer.launch()
        try writer.call("get_note", "forward", rule: "look")
        try writer.call("delete_all", "block", reason: "D101")
        try writer.call("delete_all", "block", reason: "D101")
        let held = try writer.gate(
            .hold, ["arguments": "hmac-sha256:01", "decision": "hold", "id": 3, "rule": "big", "tool": "refund", "within": 900])
        try writer.gate(.hold, ["by": "alice", "hold": JSON(held), "outcome": "granted"])
        try writer.call("refund", "forward", rule: "big")
        let number = try writer.gate(
            .decision,
            [
                "arguments": "hmac-sha256:02", "bytes": 9, "decision": "forward", "id": 9, "method": "tools/call", "side": "client",
                "tool": "fetch",
            ])
        try writer.gate(
            .kernelDenial,
            [
                "address": "192.0.2.1", "attribution": "inferred", "calls": [JSON(number)], "claim": "observed", "count": 3,
                "family": "ipv4",
                "hook": "connect4", "mechanism": "connect-hooks", "port": 443, "protocol": 6, "rule": "only call in flight",
                "transport": "tcp",
            ])
        try writer.outcome(of: number)
        try writer.gate(.drift, ["accepted": .null, "kind": "tool", "name": "get_note", "reason": "D131", "told": "sha256:00"])
        try writer.exit()
        try writer.state(
            .refusal, "s2",
            ["client": ["name": "agent", "pid": 78, "uid": 1001], "reasons": [["code": "R203", "facts": [:]]], "server": "web"])
        try writer.sign()
        return "\(path)/\(name)"
    }
}

extension ReceiptRecord {
    /// A receipt that no log has, for what looks at one alone.
    init(_ kind: ReceiptKind, number: Int = 5, session: String? = "s1", spoolNumber: Int? = nil, _ body: JSONObject) throws {
        var members: [(String, JSON)] = [
            ("body", .object(body)), ("custody", "daemon"), ("kind", .string(kind.rawValue)), ("number", JSON(number)),
        ]
        if let session { members += [("session", .string(session)), ("sessionNumber", 1)] }
        if let spoolNumber { members.append(("spoolNumber", JSON(spoolNumber))) }
        members.append(("time", "2026-01-31T08:05:00.000123Z"))
        self = try #require(ReceiptRecord(StoredReceipt(line: JSON.object(JSONObject(members)).encoded())))
    }
}
