import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct CommitmentTests {
    static let key = CommitmentKey(bytes: [UInt8](0..<32))!
    /// By Python's hmac, under the same key, of `{"a":"x","b":1}`.
    static let arguments = "hmac-sha256:5fc3e786b5697f992a71677b7c1c11e7fe408fe27377e09dc8855907025b0161"
    /// Of `response`, a line feed, and `{"jsonrpc":"2.0","id":7,"result":{"b":1.0,"a":"x"}}`.
    static let response = "hmac-sha256:1c78e4bf24a95c7c5f4567c93f4cdba6eceb758c12e3e247738449db7cbbf141"

    private func receipt(_ kind: ReceiptKind, _ members: [(String, String)]) throws -> CommittedReceipt {
        let made = try Receipt(kind, time: someTime, facts: facts("one"), body: JSONObject(members.map { ($0.0, .string($0.1)) }))
        return try #require(CommittedReceipt(line: made.line(number: 0, sessionNumber: 1, custody: .daemon)))
    }

    private func answer(
        _ receipt: CommittedReceipt, _ content: String, _ subject: Commitment.Subject, _ key: CommitmentKey = key
    ) throws -> CommittedReceipt.Answer {
        try receipt.holds(Array(content.utf8), as: subject, key: key)
    }

    @Test("arguments match however they are spelled, and no others do")
    func arguments() throws {
        let decision = try receipt(.decision, [("arguments", Self.arguments)])
        #expect(decision.session == "one" && decision.commits(to: .arguments) && !decision.commits(to: .response))
        #expect(try answer(decision, #"{"a":"x","b":1}"#, .arguments) == .match)
        #expect(try answer(decision, "{ \"b\": 1.0e0,\n \"\\u0061\": \"x\" }\n", .arguments) == .match)
        for other in [#"{"a":"x","b":2}"#, #"{"a":"X","b":1}"#, #"{"a":"x"}"#, "{}", "[]", "null"] {
            #expect(try answer(decision, other, .arguments) == .noMatch)
        }
        let foreign = try #require(CommitmentKey(bytes: [UInt8](1...32)))
        #expect(try answer(decision, #"{"a":"x","b":1}"#, .arguments, foreign) == .noMatch)
        #expect(try answer(decision, "{}", .response) == .noCommitment)
    }

    @Test("an answer matches in the order of its members and with its numbers as they were sent, whatever its white space")
    func responses() throws {
        let outcome = try receipt(.outcome, [("response", Self.response)])
        #expect(try answer(outcome, #"{"jsonrpc":"2.0","id":7,"result":{"b":1.0,"a":"x"}}"#, .response) == .match)
        #expect(
            try answer(outcome, "{\"jsonrpc\": \"2.0\", \"id\": 7,\n\"result\": {\"b\": 1.0, \"a\": \"\\u0078\"}}\n", .response) == .match)
        for other in [
            #"{"jsonrpc":"2.0","id":7,"result":{"a":"x","b":1.0}}"#, #"{"jsonrpc":"2.0","id":7,"result":{"b":1,"a":"x"}}"#,
            #"{"b":1.0,"a":"x"}"#, #"{"jsonrpc":"2.0","id":8,"result":{"b":1.0,"a":"x"}}"#,
        ] { #expect(try answer(outcome, other, .response) == .noMatch) }
        #expect(try answer(outcome, "{}", .arguments) == .noCommitment)
    }

    @Test("one content has not the same code as arguments and as an answer")
    func domains() throws {
        var code = HMACSHA256(key: Self.key.bytes)
        let content = Array(#"{"jsonrpc":"2.0","id":7,"result":{}}"#.utf8)
        let asArguments = code.code(content), asResponse = content.withUnsafeBytes { code.code(Commitment.responseDomain, $0) }
        #expect(asArguments != asResponse)
        let swapped = try receipt(
            .outcome, [("arguments", "hmac-sha256:\(asResponse.hex)"), ("response", "hmac-sha256:\(asArguments.hex)")])
        for subject in Commitment.Subject.allCases {
            #expect(try swapped.holds(content, as: subject, key: Self.key) == .noMatch)
        }
    }

    @Test(
        "a plain digest, and what is no code, is no commitment",
        arguments: ["sha256:00", "hmac-sha256:", "hmac-sha256:0", "hmac-sha256:" + String(repeating: "A", count: 64)])
    func noCommitment(text: String) throws {
        #expect(try answer(try receipt(.outcome, [("response", text)]), "{}", .response) == .noCommitment)
    }

    @Test("what is no JSON, or has no canonical form, is not compared")
    func unusable() throws {
        let decision = try receipt(.decision, [("arguments", Self.arguments), ("response", Self.response)])
        for text in ["", "{", #"{"a":1,"a":1}"#, "{} {}"] {
            #expect(throws: Commitment.Problem.notJSON) { try answer(decision, text, .arguments) }
            #expect(throws: Commitment.Problem.notJSON) { try answer(decision, text, .response) }
        }
        #expect(throws: Commitment.Problem.notCanonical) { try answer(decision, #"{"a":9007199254740993}"#, .arguments) }
        #expect(try answer(decision, #"{"a":9007199254740993}"#, .response) == .noMatch)
        #expect(CommittedReceipt(line: Array("{}".utf8)) == nil)
    }

    @Test("a session's key is kept once, for its owner alone, and is forgotten on request")
    func kept() throws {
        let scratch = try ScratchDirectory()
        _ = try scratch.log()
        let keys = CommitmentKeys(log: scratch.path + "/log")
        #expect(try keys.key(of: "one") == nil && keys.sessions() == [])
        let made = try keys.make(for: "one")
        #expect(try scratch.read("log/commitment-keys/one") == Array("\(made.hex)\n".utf8))
        let status = try WorkingDirectory().status(of: scratch.path + "/log/commitment-keys/one")
        let directory = try WorkingDirectory().status(of: scratch.path + "/log/commitment-keys")
        #expect(status.permissions == 0o600 && directory.permissions == 0o700)
        #expect(throws: Errno.exists) { try keys.make(for: "one") }
        #expect(try keys.make(for: "two") != made)
        #expect(try keys.key(of: "one") == made && keys.sessions() == ["one", "two"])
        for text in ["", made.hex, made.hex + "\n\n", "0" + made.hex + "\n", made.hex.uppercased() + "\n"] where text != made.hex + "\n" {
            try scratch.write("log/commitment-keys/one", Array(text.utf8))
            #expect(throws: Errno.invalid) { try keys.key(of: "one") }
        }
        try keys.remove("one")
        try keys.remove("one")
        #expect(try keys.key(of: "one") == nil && keys.sessions() == ["two"])
        #expect(try keys.key(of: "../key") == nil)
        #expect(
            verify(directory: scratch.path + "/log").findings.allSatisfy { $0.file == "key.pub" }, "the rest of the log is none of theirs")
    }
}
