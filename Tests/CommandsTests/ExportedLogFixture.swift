import Descriptors
import Evidence
import StrictJSON
import TestSupport
import Testing

/// A log with one receipt of each kind that exports tell apart, signed, as `log` below a scratch directory.
struct ExportedLogFixture {
    /// 2026-01-31T08:05:00.000123Z, and a second more for each receipt.
    static let start: UInt64 = 1_769_846_700_000_123_000

    /// Names are a server's to choose.
    static let hostileTool = "rm\u{1b}[31m\nPRIORITY=0"

    let scratch: ScratchDirectory
    /// The log's, from the first on.
    let keys: [VerifierKey]
    var path: String { scratch.path + "/log" }

    /// `more` receipts are added that are blocked; `pending` that no checkpoint signs.
    init(more: Int = 0, pending: Int = 0, isRotated: Bool = false) throws {
        scratch = try ScratchDirectory()
        let key = try #require(SigningKey(seed: [UInt8](0..<32)))
        let log = try ReceiptLog(directory: scratch.path + "/log", key: key, custody: .daemon, time: Self.start)
        try CommandRun.write(key.verifier.text + "\n", to: scratch.path + "/log/key.pub")
        var number: UInt64 = 0
        func receipt(_ kind: ReceiptKind, _ body: JSONObject, session: String? = "s1") throws -> Receipt {
            number += 1
            let facts = session.flatMap {
                SessionFacts(session: $0, policy: SHA256.digest([1]), plan: SHA256.digest([2]), host: SHA256.digest([3]))
            }
            return try Receipt(kind, time: Self.start + number * 1_000_000_000, facts: facts, body: body)
        }
        try log.append([
            receipt(.launch, ["outcome": "released", "server": "notes"]),
            receipt(
                .decision,
                ["decision": "forward", "tool": "get_note", "rule": "look", "method": "tools/call", "arguments": "hmac-sha256:00"]),
            receipt(.decision, ["decision": "block", "tool": .string(Self.hostileTool), "reason": "D101", "method": "tools/call"]),
            receipt(.decision, ["decision": "block", "tool": "save", "reason": "D106", "rule": "save", "method": "tools/call"]),
            receipt(.hold, ["decision": "hold", "tool": "refund", "rule": "big"]),
            receipt(.decision, ["decision": "block", "method": "resources/read", "reason": "D111"], session: "s2"),
            receipt(
                .kernelDenial,
                ["transport": "tcp", "address": "192.0.2.1", "port": 443, "claim": "observed", "mechanism": "connect4", "count": 2]),
            receipt(
                .refusal,
                [
                    "server": "notes",
                    "reasons": [
                        ["code": "R107", "file": "/p/a b.yaml", "line": 3, "column": 5, "facts": ["key": "egres", "near": "egress"]],
                        ["code": "R202", "facts": ["mechanism": "pins"]],
                    ],
                ], session: nil),
            receipt(.exit, ["first": "server", "server": "exited 0", "gate": "exited 0"]),
        ])
        for index in 0..<more {
            try log.append(
                receipt(.decision, ["decision": "block", "tool": .string("t\(index % 7)"), "reason": "D102", "rule": "no"], session: "s3"))
        }
        try log.checkpoint()
        if isRotated { try log.rotateKey(isKept: false, time: Self.start) }
        keys = log.keys.keys
        for _ in 0..<pending { try log.append(receipt(.decision, ["decision": "forward", "tool": "late"])) }
        try keyFile("exporter.pem", Self.exporterKey)
        try CommandRun.write(Self.issuer, to: scratch.path + "/issuer.pem")
    }

    /// The example of RFC 8410.
    private static let exporterKey = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
    static let issuer =
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"

    func keyFile(_ name: String, _ base64: String, mode: UInt32 = 0o600) throws {
        let path = "\(scratch.path)/\(name)"
        try CommandRun.write("-----BEGIN PRIVATE KEY-----\n\(base64)\n-----END PRIVATE KEY-----\n", to: path)
        try WorkingDirectory().open(path, .readWrite).setPermissions(mode)
    }

    /// `source`: a bundle instead of the log.
    func export(_ format: String, _ words: [String] = [], of source: String? = nil) throws -> CommandRun {
        try CommandRun(["receipts", "export", source ?? path, "--format", format] + words, in: scratch)
    }

    /// Makes a bundle of the log: its path.
    func bundle(_ filter: [String] = []) throws -> String {
        let file = scratch.path + "/bundle"
        let run = try CommandRun(["receipts", "bundle", path, "--output", file] + filter, in: scratch)
        #expect(run.status == 0, "\(run.errors)")
        return file
    }

    var signing: [String] { ["--signing-key", scratch.path + "/exporter.pem"] }

    /// An export as a file, judged.
    func verify(_ text: String, _ words: [String] = []) throws -> CommandRun {
        try CommandRun.write(text, to: scratch.path + "/exported")
        return try CommandRun(
            ["receipts", "verify", scratch.path + "/exported", "--issuer", scratch.path + "/issuer.pem"] + words, in: scratch)
    }

    /// Changes one byte of the log behind the daemon's back.
    func tamper() throws {
        let segment = path + "/segments/000000000000.jsonl"
        let text = String(decoding: try #require(try WorkingDirectory().contents(of: segment, limit: 1 << 24)), as: UTF8.self)
        try CommandRun.write(text.replacing("get_note", with: "put_note"), to: segment)
    }
}
