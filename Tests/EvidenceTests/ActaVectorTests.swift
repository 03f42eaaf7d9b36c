import Foundation
import StrictJSON
import Testing

@testable import Evidence

/// The vectors of others (Fixtures/acta).
@Suite struct ActaVectorTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Fixtures/acta")

    private static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: fixtures.appending(path: path))) }

    private static func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixtures.appending(path: path).path).sorted()
    }

    private static func problems(_ vector: String) throws -> [ActaProblem] {
        let keys = try #require(IssuerKeys(try bytes("asqav/\(vector)/acta-keys.json")))
        let predecessor = try? ActaReceipt(bytes("asqav/\(vector)/predecessor.json"))
        var verification = ActaVerification(keys: keys, after: predecessor)
        return verification.judge(try bytes("asqav/\(vector)/receipt.json"))
    }

    @Test("each vector of the profile comes out as its author says", arguments: try names("asqav").filter { $0.hasPrefix("acta-") })
    func vectors(name: String) throws {
        let expected = try JSON(parsing: Self.bytes("asqav/\(name)/expected.json"))
        let problems = try Self.problems(name)
        switch (expected["outcome"]?.string, expected["reason_code"]?.string) {
        case ("verified", _): #expect(problems == [])
        case (_, "sig_mismatch"): #expect(problems == [.badSignature])
        case (_, "chain"): #expect(problems == [.brokenLink])
        case let other: Issue.record("an outcome that nobody knows: \(other)")
        }
    }

    @Test(
        "members that stand twice are refused before anything is looked at, and another profile is no success",
        arguments: [
            ("asqav-11-dup-member-toplevel", nil), ("asqav-13-dup-member-nested", nil),
            ("asqav-01-genesis-permit", ActaProblem.unsupported(.complianceProfile)),
        ])
    func others(name: String, problem: ActaProblem?) throws {
        var verification = ActaVerification(keys: try #require(IssuerKeys(try Self.bytes("asqav/acta-02-chain-link/acta-keys.json"))))
        let found = try #require(verification.judge(try Self.bytes("asqav/\(name)/receipt.json")).first)
        if let problem {
            #expect(found == problem)
        } else if case .notJSON(let error) = found {
            #expect(error.kind == .duplicateMember)
        } else {
            Issue.record("\(found)")
        }
    }

    // MARK: Produced

    private static let seed = [UInt8](repeating: 0, count: 31) + [1]

    /// What the inputs say, decided as expected, in the draft's envelope.
    private static func produced() throws -> [ActaReceipt] {
        var chain = ActaChain(key: try #require(ExporterKey(seed: seed)))
        let decisions = try bytes("scopeblind/expected/chain.jsonl").split(separator: 0x0A).map { try JSON(parsing: Array($0)) }
        return try zip(names("scopeblind/inputs"), decisions).map { name, decision in
            let input = try JSON(parsing: bytes("scopeblind/inputs/\(name)"))
            #expect(input["sequence"] == decision["sequence"])
            #expect(input["expected_decision"] == decision["decision"])
            return try chain.sign([
                "type": "protectmcp:decision", "issued_at": "2026-04-17T12:34:56Z", "tool_name": try #require(input["tool_name"]),
                "decision": try #require(decision["decision"]), "session_id": try #require(input["session_id"]),
            ])
        }
    }

    private static func keys() throws -> IssuerKeys {
        try #require(IssuerKeys(Array("4cb5abf6ad79fbf5abbccafcc269d85cd2651ed4b885b5869f241aedf0a5ba29".utf8)))
    }

    @Test("a chain of the shared inputs and key verifies by the public key that everybody derives from it")
    func produces() throws {
        let receipts = try Self.produced()
        #expect(receipts.count == 4)
        var verification = ActaVerification(keys: try Self.keys())
        for receipt in receipts { #expect(verification.judge(try receipt.json.canonical()) == []) }
        #expect(!verification.isBeginningUnknown && verification.untyped == 0)
        #expect(receipts[0].previous == nil)
        #expect(receipts[1].payload["previousReceiptHash"] == .string("sha256:" + receipts[0].digest.hex))
    }

    @Test("a receipt that is left out, moved, doubled or comes first is found")
    func chains() throws {
        let receipts = try Self.produced().map { try $0.json.canonical() }
        func problems(_ order: [Int]) throws -> [ActaProblem] {
            var verification = ActaVerification(keys: try Self.keys())
            return order.flatMap { verification.judge(receipts[$0]) }
        }
        #expect(try problems([0, 2, 3]) == [.brokenLink])
        #expect(try problems([0, 2, 1, 3]) == [.brokenLink, .brokenLink, .brokenLink])
        #expect(try problems([0, 1, 1, 2]) == [.brokenLink])
        #expect(try problems([1, 0]) == [.missingLink])
        var cut = ActaVerification(keys: try Self.keys())
        #expect(cut.judge(receipts[1]) == [])
        #expect(cut.isBeginningUnknown)
    }

    @Test("a change of any byte is found")
    func mutations() throws {
        let receipt = try #require(try Self.produced().last).json.canonical()
        for index in receipt.indices {
            for bit in [1, 0x20] as [UInt8] {
                var changed = receipt
                changed[index] ^= bit
                var verification = ActaVerification(keys: try Self.keys())
                #expect(verification.judge(changed) != [], "byte \(index), \(bit)")
            }
        }
        for length in receipt.indices {
            var verification = ActaVerification(keys: try Self.keys())
            #expect(verification.judge(Array(receipt[..<length])) != [])
        }
    }

    // MARK: Form

    private static func signed(_ payload: JSONObject) throws -> JSONObject {
        let key = try #require(ExporterKey(seed: seed))
        return try #require(try ActaReceipt(signing: payload, with: key).json.object)
    }

    private static var payload: JSONObject {
        ["type": "a:b", "issued_at": "2026-04-17T12:34:56Z", "issuer_id": .string(ExporterKey(seed: seed)?.issuer ?? "")]
    }

    private static func problems(_ receipt: JSONObject, _ keys: IssuerKeys? = nil) throws -> [ActaProblem] {
        var verification = ActaVerification(keys: try keys ?? Self.keys())
        return verification.judge(JSON.object(receipt).encoded())
    }

    @Test(
        "what a payload must have, it has, though its signature is good",
        arguments: [
            ("type", nil, []), ("type", "decision", [.invalidMember("type")]), ("issued_at", nil, [.missingMember("issued_at")]),
            ("issued_at", "2026-04-17T12:34:56", [.invalidMember("issued_at")]), ("issuer_id", nil, [.missingMember("issuer_id")]),
            ("issuer_id", "sb:issuer:other", [.otherIssuer]), ("signature", .null, [.signatureInPayload]),
            ("previousReceiptHash", .null, [.invalidMember("previousReceiptHash")]),
            ("previousReceiptHash", .string(String(repeating: "A", count: 64)), [.invalidMember("previousReceiptHash")]),
            ("amount", 9_007_199_254_740_993, [.inexactNumber(.integerTooLarge(token: "9007199254740993"))]),
            ("committed_fields_root", "00", []),
        ] as [(String, JSON?, [ActaProblem])])
    func payloads(name: String, value: JSON?, problems: [ActaProblem]) throws {
        var payload = Self.payload
        payload[name] = value
        guard let receipt = try? Self.signed(payload) else {
            // What cannot be signed cannot be judged either: the receipt is made by hand.
            var receipt = try Self.signed(Self.payload)
            receipt["payload"] = .object(payload)
            #expect(try Self.problems(receipt) == problems)
            return
        }
        #expect(try Self.problems(receipt) == problems)
    }

    @Test(
        "algorithms, shapes and spellings that are not judged say so",
        arguments: [
            ("alg", "ES256", .unsupported(.algorithm("ES256"))), ("alg", "Ed25519", .unsupported(.algorithm("Ed25519"))),
            ("alg", nil, .missingMember("signature.alg")),
            ("kid", "", .invalidMember("signature.kid")), ("sig", "AA==", .invalidMember("signature.sig")),
            ("sig", .string(String(repeating: "A", count: 128)), .invalidMember("signature.sig")),
            ("sig", .string(String(repeating: "0", count: 128)), .badSignature),
        ] as [(String, JSON?, ActaProblem)])
    func signatures(name: String, value: JSON?, problem: ActaProblem) throws {
        var receipt = try Self.signed(Self.payload)
        var signature = try #require(receipt["signature"]?.object)
        signature[name] = value
        receipt["signature"] = .object(signature)
        #expect(try Self.problems(receipt) == [problem])
    }

    @Test("the older shapes are told from the envelope, and not judged by its rule")
    func olderShapes() throws {
        let flat: JSONObject = ["receipt_id": "rcpt-1", "receipt_version": "1.0", "signature": "00", "public_key": "00"]
        let structured: JSONObject = ["payload": ["type": "scopeblind.receipt.v1"], "signature": "00", "pubkey": "00"]
        #expect(try Self.problems(flat) == [.unsupported(.olderShape)])
        #expect(try Self.problems(structured) == [.unsupported(.olderShape)])
    }

    // MARK: Keys

    private static func keySet(_ more: JSONObject, x: String = "TLWr9q15-_WrvMr8wmnYXNJlHtS4hbWGnyQa7fCluik") -> [UInt8] {
        let key: JSONObject = [
            "kty": "OKP", "crv": "Ed25519", "kid": .string(ExporterKey(seed: seed)?.issuer ?? ""), "x": .string(x),
        ]
        return JSON.object([
            "keys": [.object(JSONObject(key.members.map { ($0.name, $0.value) } + more.members.map { ($0.name, $0.value) }))]
        ]).encoded()
    }

    @Test(
        "a key's window holds its first moment and not its last",
        arguments: [
            (["valid_from": "2026-04-17T12:34:56Z"], true), (["valid_from": "2026-04-17T12:34:56.000000001Z"], false),
            (["valid_until": "2026-04-17T14:34:56+02:00"], false), (["valid_until": "2026-04-17T12:34:57Z"], true), ([:], true),
        ] as [(JSONObject, Bool)])
    func windows(window: JSONObject, isInside: Bool) throws {
        let keys = try #require(IssuerKeys(Self.keySet(window)))
        #expect(try Self.problems(Self.signed(Self.payload), keys) == (isInside ? [] : [.outsideWindow]))
    }

    @Test("a key that is not there, or of another kind, is no success; one inside the receipt is never used")
    func foreignKeys() throws {
        let text = String(decoding: Self.keySet([:]), as: UTF8.self)
        let issuer = try #require(ExporterKey(seed: Self.seed)).issuer
        let other = try #require(IssuerKeys(Array(text.replacingOccurrences(of: issuer, with: "sb:issuer:other").utf8)))
        let elliptic = try #require(IssuerKeys(Array(text.replacingOccurrences(of: "OKP", with: "EC").utf8)))
        var receipt = try Self.signed(Self.payload)
        var signature = try #require(receipt["signature"]?.object)
        signature["public_key"] = "4cb5abf6ad79fbf5abbccafcc269d85cd2651ed4b885b5869f241aedf0a5ba29"
        receipt["signature"] = .object(signature)
        #expect(try Self.problems(receipt, other) == [.unknownKey(issuer)])
        #expect(try Self.problems(receipt, elliptic) == [.unsupported(.key(issuer))])
        #expect(!ActaProblem.unknownKey(issuer).isDisproof)
    }

    @Test("what is no set of keys is none")
    func malformedKeys() throws {
        let twice = "{\"keys\":[\(String(repeating: "{\"kty\":\"EC\",\"kid\":\"a\"},", count: 2).dropLast())]}"
        let texts = ["", "{}", "{\"keys\":1}", "{\"keys\":[{\"kty\":\"OKP\"}]}", twice, "00", String(repeating: "g", count: 64)]
        for text in texts { #expect(IssuerKeys(Array(text.utf8)) == nil, "\(text)") }
        #expect(IssuerKeys(Self.keySet(["valid_from": "yesterday"])) == nil)
        #expect(IssuerKeys(Self.keySet([:], x: "TLWr9q15+/WrvMr8wmnYXNJlHtS4hbWGnyQa7fCluik")) == nil)
        #expect(IssuerKeys(Self.keySet([:], x: "TLWr")) == nil)
    }
}
