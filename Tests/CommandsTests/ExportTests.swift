import Descriptors
import Evidence
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct ExportTests {
    // MARK: SARIF

    private static func results(_ fixture: ExportedLogFixture, _ words: [String] = []) throws -> (run: JSON, results: [JSON], said: String)
    {
        let run = try fixture.export("sarif", words)
        #expect(run.status == 0, "\(run.errors)")
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()), limits: JSONLimits(members: 1 << 24, bytes: 1 << 28))
        let first = try #require(json["runs"]?.array?.first)
        return (first, try #require(first["results"]?.array), run.errors)
    }

    @Test("denials of the gate and the kernel and refusals are results, valid by the official schema")
    func sarif() throws {
        let fixture = try ExportedLogFixture()
        #expect(try OfficialSARIF.isValid(JSON(parsing: Array(fixture.export("sarif").output.utf8.dropLast()))))
        let (run, results, _) = try Self.results(fixture)
        #expect(results.map { $0["ruleId"]?.string } == ["D101", "D106", "D111", "kernel-denial", "R107", "R202"])
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
        for result in results { #expect(rules[Int(try #require(result["ruleIndex"]?.int64))]["id"] == result["ruleId"]) }
        #expect(rules[0]["help"]?["text"] == .string(try #require(CodePages.page("D101")).text(.plain, width: 100)))
    }

    @Test("a result points at the policy's line where a receipt has one, else at what was called, escaped")
    func places() throws {
        let results = try Self.results(ExportedLogFixture()).results
        let place = try #require(results[4]["locations"]?.array?.first?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"] == "file:///p/a%20b.yaml")
        #expect(place["region"] == ["startLine": 3, "startColumn": 5])
        let logical = try #require(results[0]["locations"]?.array?.first?["logicalLocations"]?.array?.first)
        #expect(logical["fullyQualifiedName"] == #"s1/rm\u{1b}[31m\u{a}PRIORITY=0"#)
        #expect(results[3]["message"]?["text"]?.string?.contains("192.0.2.1:443") == true)
    }

    @Test("fingerprints are the same in each export and differ between receipts; the cause's are shared by those of one cause")
    func fingerprints() throws {
        let fixture = try ExportedLogFixture(more: 8)
        let first = try Self.results(fixture).results, second = try Self.results(fixture).results
        #expect(first == second)
        let prints = first.compactMap { $0["partialFingerprints"]?["sandboxdReceipt/v1"]?.string }
        #expect(prints.count == first.count && Set(prints).count == first.count)
        let causes = first.suffix(8).compactMap { $0["partialFingerprints"]?["sandboxdCause/v1"]?.string }
        #expect(Set(causes).count == 7)
    }

    @Test("what readers do not take is cut, and said in the file and on standard error, with what exports the rest")
    func cut() throws {
        let fixture = try ExportedLogFixture(more: 25_000)
        let (run, results, said) = try Self.results(fixture)
        #expect(results.count == 25_000)
        let note = try #require(run["invocations"]?.array?.first?["toolExecutionNotifications"]?.array?.first?["message"]?["text"]?.string)
        #expect(note.contains("6 are left out"))
        #expect(said.contains("6 are left out"))
        let from = try #require(note.split(separator: "`").dropFirst().first?.split(separator: " ").last)
        #expect(try Self.results(fixture, ["--from", String(from)]).results.count == 6)
    }

    // MARK: Selecting

    @Test(
        "filters select",
        arguments: [
            (["--session", "s2"], 1), (["--kind", "kernel-denial"], 1), (["--from", "2026-01-31T08:05:07Z"], 3),
            (["--to", "2026-01-30"], 0),
            (["--to", "2026-01-31"], 10), (["--from", "2026-01-31", "--to", "2026-01-31T08:05:03Z"], 4), (["--receipt", "4"], 1),
        ])
    func filters(words: [String], count: Int) throws {
        let run = try ExportedLogFixture().export("journal", words)
        #expect(run.output.ranges(of: "SANDBOXD_KIND=").count == count)
    }

    @Test(
        "what is no format, moment, number or key is a usage error, and nothing is written",
        arguments: [
            ["--format", "csv"], ["--format", "journal", "--from", "yesterday"],
            ["--format", "journal", "--from", "2026-01-31T08:05:00+01:00"],
            ["--format", "journal", "--receipt", "-1"], ["--format", "journal", "--receipt", "1", "--session", "s1"], [],
            ["--format", "acta"], ["--format", "in-toto"], ["--format", "acta", "--signing-key", "/dev/null"],
            ["--format", "journal", "--key", "x"],
        ])
    func usage(words: [String]) throws {
        let fixture = try ExportedLogFixture()
        let run = try CommandRun(["receipts", "export", fixture.path] + words, in: fixture.scratch)
        #expect(run.status == 2)
        #expect(run.output == "")
    }

    // MARK: Trust

    @Test(
        "of a log that does not verify nothing is written, unless it is asked for; then what is written says so",
        arguments: ["sarif", "in-toto", "acta", "journal"])
    func unverified(format: String) throws {
        let fixture = try ExportedLogFixture()
        try fixture.tamper()
        let file = fixture.scratch.path + "/out"
        let refused = try fixture.export(format, fixture.signing + ["--output", file])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("does not verify"))
        #expect(throws: Errno.noEntry) { try WorkingDirectory().status(of: file) }
        #expect(throws: Errno.noEntry) { try WorkingDirectory().status(of: file + ".part") }
        let taken = try fixture.export(format, fixture.signing + ["--output", file, "--unverified"])
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(taken.errors.contains("does not verify"))
        #expect(try WorkingDirectory().status(of: file).permissions == 0o600)
        let text = String(decoding: try #require(try WorkingDirectory().contents(of: file, limit: 1 << 24)), as: UTF8.self)
        switch format {
        case "sarif": #expect(text.contains("the log does not verify"))
        case "in-toto": #expect(try fixture.verify(text).output.contains("says itself that the log did not verify"))
        case "acta": #expect(text.contains("\"log_verified\":false"))
        default: #expect(text.contains("SANDBOXD_LOG_VERIFIED=no"))
        }
    }

    @Test("a bundle of all of a log gives what the log gives", arguments: ["sarif", "in-toto", "acta", "journal"])
    func bundle(format: String) throws {
        let fixture = try ExportedLogFixture()
        let bundle = try fixture.bundle()
        let (ofLog, ofBundle) = (try fixture.export(format, fixture.signing), try fixture.export(format, fixture.signing, of: bundle))
        #expect(ofBundle.status == 0, "\(ofBundle.errors)")
        #expect(ofBundle.output == ofLog.output && !ofLog.output.isEmpty)
        guard format == "in-toto" else { return }
        #expect(try fixture.verify(ofLog.output, ["--log", bundle]).status == 0)
        let one = try fixture.export(format, fixture.signing + ["--receipt", "2"], of: bundle)
        #expect(one.status == 2 && one.errors.contains("name the log itself") && one.output.isEmpty)
    }

    @Test("of a bundle of some receipts these are exported, and no statement about a log is made or compared")
    func filteredBundle() throws {
        let fixture = try ExportedLogFixture()
        let some = try fixture.bundle(["--session", "s2"])
        let entries = try fixture.export("journal", of: some)
        #expect(entries.status == 0 && entries.errors.contains("receipts of its log are not in it"))
        #expect(entries.output.ranges(of: "SANDBOXD_SESSION=s2").count == 1)
        #expect(!entries.output.contains("SANDBOXD_SESSION=s1"))
        let statement = try fixture.export("in-toto", fixture.signing, of: some)
        #expect(statement.status == 2 && statement.output.isEmpty && statement.errors.contains("holds some receipts of its log only"))
        let ofLog = try fixture.export("in-toto", fixture.signing).output
        let judged = try fixture.verify(ofLog, ["--log", some])
        #expect(judged.status == 1 && judged.output.contains("give the log"))
    }

    @Test("a bundle that another one of the same log took the place of since it was verified is not exported as what it was")
    func exchangedBundle() throws {
        let fixture = try ExportedLogFixture()
        let some = try #require(try WorkingDirectory().contents(of: try fixture.bundle(["--session", "s2"]), limit: 1 << 24))
        let whole = try fixture.bundle()
        let log = try ExportedLog(whole, LogExpectation(), unverified: false)
        var count: UInt64 = 0
        try log.read { _ in count += 1 }
        #expect(count == log.checkpoint.size)
        try CommandRun.write(String(decoding: some, as: UTF8.self), to: whole)
        #expect(throws: ExportProblem.changed(whole)) { try log.read { _ in } }
    }

    @Test("a bundle that does not verify is exported no more than such a log")
    func changedBundle() throws {
        let fixture = try ExportedLogFixture()
        let bundle = try fixture.bundle()
        var bytes = try #require(try WorkingDirectory().contents(of: bundle, limit: 1 << 24))
        bytes[bytes.count / 2] ^= 1
        try CommandRun.write(String(decoding: bytes, as: UTF8.self), to: bundle)
        let run = try fixture.export("journal", of: bundle)
        #expect(run.status == 1 && run.output.isEmpty && run.errors.contains("does not verify"))
    }

    @Test("what no checkpoint signs is left out, and said")
    func pending() throws {
        let run = try ExportedLogFixture(pending: 3).export("journal")
        #expect(!run.output.contains("late"))
        #expect(run.errors.contains("left out: 3 receipts"))
    }

    @Test("the log's own key, and one that others may read, sign nothing")
    func keys() throws {
        let fixture = try ExportedLogFixture()
        // The fixture's log is signed by the seed 0, 1, 2 and so on.
        try fixture.keyFile("log.pem", "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")
        try fixture.keyFile("open.pem", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC", mode: 0o640)
        for (name, words) in [("log", "the log's own key"), ("open", "others may read")] {
            for format in ["in-toto", "acta"] {
                let run = try fixture.export(format, ["--signing-key", "\(fixture.scratch.path)/\(name).pem"])
                #expect(run.status == 2)
                #expect(run.errors.contains(words))
                #expect(run.output == "")
            }
        }
    }

    @Test("a log by another key than the one that is named is not exported")
    func otherKey() throws {
        let fixture = try ExportedLogFixture()
        let other = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32))).verifier.text
        #expect(try fixture.export("journal", ["--key", other]).status == 1)
    }

    @Test("a log whose key was exchanged is exported under its last one, and none of its keys signs exports")
    func rotated() throws {
        let fixture = try ExportedLogFixture(isRotated: true)
        try fixture.keyFile("log.pem", "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")
        #expect(try fixture.export("acta", ["--signing-key", fixture.scratch.path + "/log.pem"]).errors.contains("the log's own key"))
        let exported = try fixture.export("in-toto", ["--receipt", "3"] + fixture.signing)
        #expect(exported.status == 0, "\(exported.errors)")
        let keys = fixture.keys.map(\.text)
        #expect(try fixture.verify(exported.output, ["--key", keys[1]]).status == 0)
        #expect(try fixture.verify(exported.output, ["--key", keys[0], "--key", keys[1]]).status == 0)
        #expect(try fixture.verify(exported.output, ["--key", keys[0]]).status == 1)
    }

    // MARK: in-toto

    @Test(
        "a statement's subject is what `receipts show --json` prints for the same filters",
        arguments: [[], ["--session", "s1"], ["--kind", "decision"]])
    func subject(words: [String]) throws {
        let fixture = try ExportedLogFixture()
        let shown = try CommandRun(["receipts", "show", fixture.path, "--json"] + words, in: fixture.scratch).output
        let exported = try fixture.export("in-toto", words + fixture.signing).output
        let statement = try InTotoStatement(DSSEEnvelope(Array(exported.utf8.dropLast())).payload)
        #expect(statement.subjects.map(\.digest) == [SHA256.digest(Array(shown.utf8))])
        let verdict = try fixture.verify(exported, ["--log", fixture.path, "--json"])
        #expect(verdict.status == 0, "\(verdict.output)")
        #expect(try JSON(parsing: Array(verdict.output.utf8.dropLast()))["statement"] == statement.json)
    }

    @Test("one receipt alone is proven to be in the log without it")
    func proof() throws {
        let fixture = try ExportedLogFixture()
        let exported = try fixture.export("in-toto", ["--receipt", "3"] + fixture.signing).output
        let verdict = try fixture.verify(exported, ["--key", try #require(SigningKey(seed: [UInt8](0..<32))).verifier.text])
        #expect(verdict.status == 0, "\(verdict.output)")
        #expect(verdict.output.contains("the log has it: 3 "))
        #expect(try fixture.export("in-toto", ["--receipt", "99"] + fixture.signing).status == 2)
    }

    @Test("an attestation is judged by a key from elsewhere, its checkpoint by the log's, its subject by the log")
    func attestations() throws {
        let fixture = try ExportedLogFixture()
        let exported = try fixture.export("in-toto", fixture.signing).output
        #expect(try fixture.verify(exported).status == 0)
        #expect(try fixture.verify(exported, ["--log", fixture.path]).status == 0)
        let other = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32))).verifier
        let words = try fixture.verify(exported, ["--key", other.text])
        #expect(words.status == 1)
        #expect(words.output.contains("not signed by the log's key"))
        try CommandRun.write(
            String(decoding: other.publicKey.flatMap { Array(Hex.encode([$0]).utf8) }, as: UTF8.self),
            to: fixture.scratch.path + "/issuer.pem")
        #expect(try fixture.verify(exported).output.contains("none of the keys given signed it"))
        try CommandRun.write(ExportedLogFixture.issuer, to: fixture.scratch.path + "/issuer.pem")
        try fixture.tamper()
        let changed = try fixture.verify(exported, ["--log", fixture.path])
        #expect(changed.status == 1)
        #expect(changed.output.contains("is not the one that its checkpoint signs"))
    }

    @Test(
        "what an exporter says of receipts is held against them, though the signature is good",
        arguments: [
            ("receipts", ["count": 11]), ("policies", []), ("log", ["custody": ["user"]]), ("selection", ["session": "s2"]),
            ("selection", ["tool": "save"]), ("verified", false),
        ] as [(String, JSON)])
    func falseClaims(name: String, value: JSON) throws {
        let fixture = try ExportedLogFixture()
        let envelope = try DSSEEnvelope(Array(fixture.export("in-toto", fixture.signing).output.utf8.dropLast()))
        let statement = try InTotoStatement(envelope.payload)
        var predicate = statement.predicate
        var changed = predicate[name]?.object ?? JSONObject()
        for member in value.object?.members ?? [] { changed[member.name] = member.value }
        predicate[name] = value.object == nil ? value : .object(changed)
        let key = try #require(ExporterKey(seed: [UInt8](repeating: 9, count: 32)))
        try CommandRun.write(Hex.encode(key.publicKey), to: fixture.scratch.path + "/issuer.pem")
        func isVerified(_ predicate: JSONObject) throws -> Bool {
            let again = InTotoStatement(statement.subjects, predicateType: statement.predicateType, predicate: predicate)
            let sealed = DSSEEnvelope(sealing: again.json.encoded(), type: InTotoStatement.mediaType, with: key)
            return try fixture.verify(String(decoding: sealed.json.encoded(), as: UTF8.self), ["--log", fixture.path]).status == 0
        }
        #expect(try isVerified(statement.predicate))
        #expect(try !isVerified(predicate))
    }

    @Test("what cannot be written is no success")
    func fullDisk() throws {
        let fixture = try ExportedLogFixture()
        #expect(try fixture.export("journal", ["--output", "/dev/full/x"]).status == 2)
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        let null = BorrowedDescriptor(full)
        let console = Console(input: null, output: null, errors: null)
        let words = ["receipts", "export", fixture.path, "--format", "journal"].map { Array($0.utf8) }
        #expect(SandboxControl.run(words, table: .all, console).code == 2)
    }

    @Test("a change of any byte of an envelope is found")
    func mutatedEnvelopes() throws {
        let fixture = try ExportedLogFixture()
        let exported = Array(try fixture.export("in-toto", ["--receipt", "3"] + fixture.signing).output.utf8.dropLast())
        let keys = try #require(IssuerKeys(Array(ExportedLogFixture.issuer.utf8)))
        // `keyid` is a hint by the format's own words, which nothing is to rely on.
        let hint = try #require(String(decoding: exported, as: UTF8.self).firstRange(of: "\"keyid\":\""))
        let start = String(decoding: exported, as: UTF8.self).utf8.distance(from: "".startIndex, to: hint.upperBound)
        for index in exported.indices where !(start - 9..<start + 65).contains(index) {
            var changed = exported
            changed[index] ^= 1
            #expect(AttestationFile(changed).map { $0.verdict(keys, keys: [], log: nil).isVerified } != true, "byte \(index)")
        }
    }

    @Test("without a key from elsewhere nothing is judged; a file that is of another statement is no success")
    func otherStatements() throws {
        let fixture = try ExportedLogFixture()
        let exported = try fixture.export("in-toto", fixture.signing).output
        try CommandRun.write(exported, to: fixture.scratch.path + "/exported")
        #expect(try CommandRun(["receipts", "verify", fixture.scratch.path + "/exported"], in: fixture.scratch).status == 2)
        let twice = try fixture.verify(exported.replacing("\"payloadType\"", with: "\"payloadType\":\"\",\"payloadType\""))
        #expect(twice.status == 1)
        #expect(twice.output.contains("not strict JSON"))
        let key = try #require(ExporterKey(seed: [UInt8](repeating: 9, count: 32)))
        try CommandRun.write(Hex.encode(key.publicKey), to: fixture.scratch.path + "/issuer.pem")
        let subject = InTotoStatement.Subject(name: "a", digest: SHA256.digest([1]))
        let statement = InTotoStatement([subject], predicateType: "https://example.org/a", predicate: [:])
        let foreign = DSSEEnvelope(sealing: statement.json.encoded(), type: InTotoStatement.mediaType, with: key)
        let verdict = try fixture.verify(String(decoding: foreign.json.encoded(), as: UTF8.self))
        #expect(verdict.status == 1)
        #expect(verdict.output.contains("cannot be judged"))
    }

    // MARK: acta

    @Test("decisions are a chain that verifies, and whose members say which receipts they are made of")
    func acta() throws {
        let fixture = try ExportedLogFixture()
        let exported = try fixture.export("acta", fixture.signing).output
        let receipts = try exported.split(separator: "\n").map { try ActaReceipt(Array($0.utf8)) }
        #expect(receipts.map { $0.payload["decision"]?.string } == ["allow", "deny", "rate_limit", "require_approval", "deny"])
        #expect(receipts.map { $0.payload["sandboxd"]?["number"]?.int64 } == [2, 3, 4, 5, 6])
        #expect(receipts.map(\.type).suffix(2) == ["protectmcp:decision", "sandboxd:message-decision"])
        #expect(receipts[1].payload["tool_name"] == .string(ExportedLogFixture.hostileTool))
        let verdict = try fixture.verify(exported)
        #expect(verdict.status == 0, "\(verdict.output)")
        #expect(verdict.output.contains("5 acta receipts"))
        #expect(try fixture.export("acta", fixture.signing).output == exported)
    }

    @Test("a receipt of a chain that is changed, left out, or judged without a key is not verified")
    func actaChanges() throws {
        let fixture = try ExportedLogFixture()
        let exported = try fixture.export("acta", fixture.signing).output
        let lines = exported.split(separator: "\n").map(String.init)
        #expect(try fixture.verify(exported.replacing("require_approval", with: "allow")).status == 1)
        #expect(try fixture.verify(([lines[0]] + lines[2...]).joined(separator: "\n")).output.contains("does not follow"))
        try CommandRun.write(lines[0], to: fixture.scratch.path + "/first")
        #expect(try fixture.verify(lines[1]).output.contains("follows one that is not here"))
        #expect(try fixture.verify(lines[1], ["--after", fixture.scratch.path + "/first"]).status == 0)
        #expect(try fixture.verify(lines[2], ["--after", fixture.scratch.path + "/first"]).status == 1)
        #expect(try fixture.verify(lines[0].replacing("EdDSA", with: "ES256")).output.contains("cannot be judged"))
        #expect(
            try fixture.verify(lines[0].replacing("{\"payload\"", with: "{\"payload\":{},\"payload\"")).output.contains(
                "is not strict JSON: "))
        #expect(try fixture.verify(lines[0] + "\n\n" + lines[1]).status == 1)
        #expect(try fixture.verify("{" + exported).output.contains("exported:1: is not strict JSON"))
    }

    @Test("the policy's digest is what section 5.8 makes of its canonical form")
    func policyDigest() {
        // printf '{"construction":"acta-policy-digest-v1","engine":"sandboxd","files":[{"name":"policy.json","sha256":"00"}]}' | sha256sum
        #expect(ActaExport.policyDigest("00") == "sha256:37ed9d2e6d91555b82335653107190138229bb22d06ddae7208165a24f876bfb")
    }

    // MARK: Journal

    @Test("an entry has the receipt's members as fields; a name with a line feed cannot begin one")
    func journal() throws {
        let fixture = try ExportedLogFixture()
        let entries = try fixture.export("journal").output.split(separator: "\n\n").map(String.init)
        #expect(entries.count == 10)
        let entry = entries[3]
        #expect(
            entry.hasPrefix(
                "__REALTIME_TIMESTAMP=1769846703000123\nMESSAGE=decision: the call of `rm\\u{1b}[31m\\u{a}PRIORITY=0` was blocked (D101)"))
        for field in [
            "PRIORITY=4", "MESSAGE_ID=24b89ed4d4a64bcf944aedd8c781fac4", "SANDBOXD_NUMBER=3", "SANDBOXD_REASON=D101", "SANDBOXD_SESSION=s1",
        ] {
            #expect(entry.split(separator: "\n").filter { $0 == field }.count == 1, "\(field)")
        }
        #expect(entry.contains("\nSANDBOXD_TOOL\n\u{12}\0\0\0\0\0\0\0\(ExportedLogFixture.hostileTool)\n"))
    }
}
