import Foundation
import StrictJSON
import Testing

@testable import Evidence

/// DSSE envelopes, in-toto statements, and keys as others write them.
@Suite struct EnvelopeTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "Fixtures/acta/asqav/dsse")

    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """
    private static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """

    private static func key() throws -> ExporterKey { try #require(ExporterKey(pem: privateKey)) }
    private static func keys() throws -> IssuerKeys { try #require(IssuerKeys(Array(publicKey.utf8))) }

    private static func file(_ name: String) throws -> JSON {
        try JSON(parsing: Array(try Data(contentsOf: fixtures.appending(path: name))))
    }

    @Test("what is signed is what the known answers say")
    func preAuthentication() throws {
        for vector in try #require(try Self.file("pae_kat.json")["vectors"]?.array) {
            let type = try #require(vector["payloadType"]?.string), body = try #require(vector["body"]?.string)
            #expect(Hex.encode(DSSEEnvelope.signed(type, Array(body.utf8))) == vector["pae_hex"]?.string)
        }
    }

    @Test("an envelope and statement of others are read; a signature by another algorithm is none of ours")
    func foreign() throws {
        let envelope = try DSSEEnvelope(Self.file("receipt.json").encoded())
        let statement = try InTotoStatement(envelope.payload)
        #expect(statement.predicateType == "https://asqav.com/receipt/action/v1")
        #expect(statement.subjects.map(\.name) == ["act_demo"])
        #expect(!envelope.isSigned(by: try Self.keys()))
    }

    @Test("the example keys of RFC 8410 are read, and belong together")
    func keys() throws {
        #expect(try Self.keys().publicKeys == [Self.key().publicKey])
        #expect(try Self.key().issuer.utf8.count == "sb:issuer:".utf8.count + 12)
    }

    @Test("a key in any other spelling is refused")
    func otherSpellings() throws {
        for (found, replaced) in [
            ("PRIVATE", "ED25519 PRIVATE"), ("MC4C", "MC4D"), ("VhC\n", "VhC=\n"), ("\n-----END", " \n-----END"), ("BEGIN", "END"),
        ] {
            #expect(ExporterKey(pem: Self.privateKey.replacingOccurrences(of: found, with: replaced)) == nil, "\(found)")
        }
        #expect(ExporterKey(pem: Self.publicKey) == nil)
        #expect(ExporterKey(pem: "") == nil)
    }

    private static func sealed() throws -> DSSEEnvelope {
        let subject = InTotoStatement.Subject(name: "a", digest: SHA256.digest([1]))
        let statement = InTotoStatement([subject], predicateType: "https://example.org/a", predicate: ["a": 1])
        return DSSEEnvelope(sealing: statement.json.encoded(), type: InTotoStatement.mediaType, with: try key())
    }

    @Test("what was sealed is opened by the key's public half, and by no other")
    func roundTrip() throws {
        let envelope = try DSSEEnvelope(Self.sealed().json.encoded())
        #expect(try envelope == Self.sealed())
        #expect(envelope.isSigned(by: try Self.keys()))
        #expect(!envelope.isSigned(by: IssuerKeys(Ed25519.publicKey(ofSeed: someSeed))))
        #expect(try InTotoStatement(envelope.payload).subjects[0].digest == SHA256.digest([1]))
    }

    @Test("a change of type, payload or signature is found; an unknown member and the other alphabet are not one")
    func changes() throws {
        let json = try #require(try Self.sealed().json.object)
        func isSigned(_ name: String, _ value: JSON) throws -> Bool {
            var changed = json
            changed[name] = value
            guard let envelope = try? DSSEEnvelope(JSON.object(changed).encoded()) else { return false }
            return envelope.isSigned(by: try Self.keys())
        }
        let payload = try #require(json["payload"]?.string)
        #expect(try isSigned("other", 1))
        #expect(try isSigned("payload", .string(payload.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_"))))
        #expect(try !isSigned("payloadType", "application/json"))
        #expect(try !isSigned("payload", .string(Base64.encode([1]))))
        #expect(try !isSigned("payload", .string(payload + "!")))
        #expect(try !isSigned("signatures", []))
        #expect(try !isSigned("signatures", [["sig": .string(Base64.encode([UInt8](repeating: 0, count: 64)))]]))
    }

    @Test("members that stand twice are refused in envelope and statement")
    func duplicates() throws {
        let text = String(decoding: try Self.sealed().json.encoded(), as: UTF8.self)
        #expect(throws: DSSEEnvelope.Problem.self) {
            try DSSEEnvelope(Array(text.replacingOccurrences(of: "{\"payload\"", with: "{\"payload\":\"\",\"payload\"").utf8))
        }
        let statement = #"{"_type":"https://in-toto.io/Statement/v1","_type":"https://in-toto.io/Statement/v1"}"#
        #expect(throws: InTotoStatement.Problem.self) { try InTotoStatement(Array(statement.utf8)) }
    }

    @Test(
        "a statement has what the specification asks",
        arguments: [
            ("_type", "https://in-toto.io/Statement/v0.1"), ("subject", []), ("subject", [["name": "a"]]),
            ("subject", [["name": "a", "digest": [:]]]),
            ("subject", [["name": "a", "digest": ["sha256": "AA"]]]), ("predicateType", ""), ("predicate", 1),
        ] as [(String, JSON)])
    func statements(name: String, value: JSON) throws {
        var json = try #require(try JSON(parsing: Self.sealed().payload).object)
        json[name] = value
        #expect(throws: InTotoStatement.Problem.invalidMember(name)) { try InTotoStatement(JSON.object(json).encoded()) }
    }

    @Test(
        "Base58 is what others make of the same bytes",
        arguments: [([], ""), ([0], "1"), ([0, 0, 1], "112"), (Array("Hello World!".utf8), "2NEpo7TZRRrLZSi2U"), ([255], "5Q")]
            as [([UInt8], String)])
    func base58(bytes: [UInt8], text: String) { #expect(Base58.encode(bytes) == text) }

    @Test("both alphabets of base64 are read where both may stand, and no mixture, stray bit or padding that is not one")
    func base64() {
        #expect(Base64.decode(unpaddedURL: "-_8") == [0xFB, 0xFF])
        #expect(Base64.decode(anyAlphabet: "-_8=") == [0xFB, 0xFF])
        #expect(Base64.decode(anyAlphabet: "-_8") == [0xFB, 0xFF])
        #expect(Base64.decode(anyAlphabet: "+/8=") == [0xFB, 0xFF])
        for text in ["-_8==", "-/8=", "-_9=", "=", "-_8= ", "A"] { #expect(Base64.decode(anyAlphabet: text) == nil, "\(text)") }
        for text in ["-_8=", "+_8", "-_9"] { #expect(Base64.decode(unpaddedURL: text) == nil, "\(text)") }
    }

    @Test(
        "moments are compared whatever their offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2026-01-31T08:05:00.000123Z", 1_769_846_700, 123_000),
            ("2026-01-31T09:05:00+01:00", 1_769_846_700, 0),
            ("2000-02-29T23:59:59.999999999-00:30", 951_870_599, 999_999_999), ("1969-12-31T23:59:59Z", -1, 0),
        ] as [(String, Int64, Int64)])
    func moments(text: String, seconds: Int64, nanoseconds: Int64) throws {
        let moment = try #require(Moment(text))
        #expect(moment.seconds == seconds)
        #expect(moment.nanoseconds == nanoseconds)
    }

    @Test(
        "what is no moment is none",
        arguments: [
            "", "2026-01-31", "2026-01-31T08:05:00", "2026-02-29T08:05:00Z", "2026-13-01T08:05:00Z", "2026-01-31T24:00:00Z",
            "2026-01-31T08:05:60Z",
            "2026-01-31T08:05:00.Z", "2026-01-31T08:05:00.0000000001Z", "2026-01-31t08:05:00z", "2026-01-31T08:05:00+1:00",
            "2026-01-31T08:05:00Z ",
        ])
    func noMoments(text: String) { #expect(Moment(text) == nil) }

    @Test("an entry of a journal is spelled as systemd's format has it; a value with line feeds cannot begin a field")
    func journal() throws {
        var entry = JournalEntry(.exit, .notice, message: "exit: done\nPRIORITY=0")
        entry.add(JournalFields.number, "7")
        var expected = Array("__REALTIME_TIMESTAMP=1769846700000123\nMESSAGE\n".utf8)
        expected += [21, 0, 0, 0, 0, 0, 0, 0] + Array("exit: done\nPRIORITY=0\n".utf8)
        expected += Array("PRIORITY=5\nSYSLOG_IDENTIFIER=sandboxd\nMESSAGE_ID=c2a020dfbd1f42538cfd8ce725ec490d\nSANDBOXD_NUMBER=7\n\n".utf8)
        #expect(entry.exported(at: try #require(Moment("2026-01-31T08:05:00.000123Z"))) == expected)
    }

    @Test("each kind of receipt has an identifier of its own")
    func messageIDs() {
        let identifiers = Set(ReceiptKind.allCases.map(\.messageID) + [JournalFields.checkpointID])
        #expect(identifiers.count == ReceiptKind.allCases.count + 1)
        #expect(identifiers.allSatisfy { Hex.decode($0)?.count == 16 })
    }
}
