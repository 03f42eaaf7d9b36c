import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

/// Bundles of a log of three sessions, one of which has its documents.
struct BundleStage {
    let scratch: ScratchDirectory
    var log: String { scratch.path + "/log" }

    /// JSON, unlike what `facts` names.
    static let policy = Array(#"{"name":"notes","sandboxd":1}"#.utf8)
    static let plan = Array(#"{"landlock":{"abi":7}}"#.utf8)

    init() throws {
        scratch = try ScratchDirectory()
        let log = try scratch.log()
        let policy = try log.keep(document: Self.policy)
        let plan = try log.keep(document: Self.plan)
        for (second, session, kind, server) in [
            (1, "one", ReceiptKind.launch, "notes"), (2, "two", .launch, "mail"), (3, "one", .decision, nil), (4, "two", .decision, nil),
            (5, "one", .outcome, nil), (6, "one", .exit, nil), (7, "two", .outcome, nil), (8, "three", .launch, "notes"),
            (9, "two", .exit, nil),
            (10, nil, .lifecycle, nil), (11, "three", .decision, nil), (12, "four", .refusal, "notes"),
        ] as [(UInt64, String?, ReceiptKind, String?)] {
            var body: JSONObject = ["at": JSON(Int64(second))]
            if let server { body["server"] = .string(server) }
            let facts = session.flatMap { SessionFacts(session: $0, policy: policy, plan: $0 == "two" ? plan : nil) }
            try log.append(Receipt(kind, time: someTime + second * 1_000_000_000, facts: facts, body: body))
        }
        try log.checkpoint()
        try log.append(receipt(.decision, session: "three"))
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
    }

    func bundle(_ filter: BundleFilter? = BundleFilter()) throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try BundleWriter(directory: log, filter: try #require(filter)).write { piece in
            bytes += piece
            return true
        }
        return bytes
    }

    func verified(_ bytes: [UInt8], _ expectation: LogExpectation = LogExpectation(), name: String = "bundle") throws -> VerificationReport
    {
        try scratch.write(name, bytes)
        return verify(directory: "\(scratch.path)/\(name)", expecting: expectation)
    }

    func problems(_ bytes: [UInt8], _ expectation: LogExpectation = LogExpectation(), name: String = "bundle") throws -> [Finding.Problem] {
        try verified(bytes, expectation, name: name).findings.map(\.problem)
    }
}

extension [UInt8] {
    /// With their line feeds.
    var lines: [[UInt8]] { split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map { Array($0) + [0x0A] } }

    var numbers: [Int64] {
        lines.compactMap { line in
            line.starts(with: "{\"body\"".utf8) ? (try? JSON(parsing: Array(line.dropLast())))?[ReceiptFields.number]?.int64 : nil
        }
    }
}

extension [[UInt8]] {
    /// The lines of a bundle with an end that fits them: what one makes who can write, and not sign.
    var ended: [UInt8] {
        let kept: [UInt8] = dropLast().reduce(into: []) { $0 += $1 }
        let end = "{\"lines\":\(count - 1),\"sha256\":\"\(SHA256.digest(kept).hex)\"}\n"
        return kept + [UInt8](end.utf8)
    }
}

@Suite struct BundleTests {
    let stage: BundleStage

    init() throws {
        stage = try BundleStage()
    }

    static let filters: [(filter: BundleFilter?, numbers: [Int64], sessions: BundleClaims.Sessions)] = [
        (BundleFilter(), Array(0...12), .init(ended: 3, open: 1)),
        (BundleFilter(session: "two"), [0, 2, 4, 7, 9], .init(ended: 1)),
        (BundleFilter(server: "notes"), [0, 1, 3, 5, 6, 8, 11, 12], .init(ended: 2, open: 1)),
        (BundleFilter(session: "one", server: "notes"), [0, 1, 3, 5, 6], .init(ended: 1)),
        (BundleFilter(session: "none"), [0], .init()),
        (BundleFilter(from: "2026-01-31T08:05:04"), [0] + Array(4...12), .init(ended: 1, open: 1, withGaps: 2)),
        (BundleFilter(to: "2026-01-31T08:05:04"), Array(0...4), .init(open: 2)),
        (BundleFilter(from: "2026-01-31T08:05:05", to: "2026-01-31T08:05:09", session: "two"), [0, 7, 9], .init(withGaps: 1)),
        (BundleFilter(from: "2026-01-31", to: "2026-01-31"), Array(0...12), .init(ended: 3, open: 1)),
        (BundleFilter(to: "2025"), [0], .init()),
    ]

    @Test("a bundle has what its filter lets in, verifies, and says of each session what it proves", arguments: 0..<filters.count)
    func selects(index: Int) throws {
        let (filter, numbers, sessions) = Self.filters[index]
        let bytes = try stage.bundle(filter)
        #expect(bytes.numbers == numbers)
        let report = try stage.verified(bytes, LogExpectation(key: someKey().verifier, minimum: 13))
        #expect(report.findings == [])
        #expect(report.claims?.sessions == sessions)
        #expect(report.claims?.filter == filter)
        #expect(report.claims?.leftOut == 13 - UInt64(numbers.count))
        #expect(report.signedSize == 13 && report.receipts == UInt64(numbers.count) && report.custodies == [.daemon])
    }

    @Test("a bundle has the documents that its receipts name, and no others")
    func documents() throws {
        #expect(try stage.verified(stage.bundle()).documents == 2)
        let one = try stage.bundle(BundleFilter(session: "one"))
        #expect(try stage.verified(one).documents == 1)
        #expect(String(decoding: one, as: UTF8.self).contains(String(decoding: BundleStage.policy, as: UTF8.self)))
        let digest = SHA256.digest(BundleStage.policy)
        let source = try ReceiptSource("\(stage.scratch.path)/bundle")
        #expect(try source.document(digest) == BundleStage.policy)
        #expect(try source.document(SHA256.digest(BundleStage.plan)) == nil)
        try stage.scratch.remove("log/documents/\(digest.hex)")
        let without = try stage.verified(try stage.bundle(BundleFilter(session: "one")))
        #expect(without.isGood && without.documents == 0 && without.documentsAbsent == 1)
    }

    @Test("a bundle is read as a log is")
    func source() throws {
        try stage.scratch.write("bundle", try stage.bundle(BundleFilter(session: "two")))
        let source = try ReceiptSource("\(stage.scratch.path)/bundle")
        #expect(source.form == .bundle)
        var numbers: [Int64] = []
        try source.read { receipt in
            numbers.append(receipt.parsed()?[ReceiptFields.number]?.int64 ?? -1)
            return true
        }
        #expect(numbers == [0, 2, 4, 7, 9])
        #expect(source.checkpoint?.size == 13)
        #expect(try ReceiptSource(stage.log).checkpoint?.size == 13)
        #expect(try source.kind(of: SHA256.digest(BundleStage.plan)) == .plan)
        try stage.scratch.write("bundle", Array("{}\n".utf8))
        #expect(throws: ReceiptSourceError.notBundle) { try ReceiptSource("\(stage.scratch.path)/bundle") }
    }

    @Test("trees of every size are bundled with whatever is kept, and come to the same root", arguments: [1, 2, 3, 7, 8, 9, 31, 33])
    func sizes(size: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let scratch = try ScratchDirectory()
        let log = try scratch.log()
        for _ in 1..<size { try log.append(receipt(.decision, session: ["a", "b", "c"].randomElement(using: &random))) }
        try log.checkpoint()
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
        for session in ["a", "b", "none"] {
            var bytes: [UInt8] = []
            _ = try BundleWriter(directory: "\(scratch.path)/log", filter: try #require(BundleFilter(session: session))).write { piece in
                bytes += piece
                return true
            }
            try scratch.write("bundle", bytes)
            #expect(verify(directory: "\(scratch.path)/bundle").findings == [], "seed \(seed)")
            let kept = bytes.numbers.map { UInt64($0) }
            let nodes = try bytes.lines.filter { $0.starts(with: "{\"first\"".utf8) }.map { try BundleNode(Array($0.dropLast())) }
            #expect((nodes.flatMap { Array($0.first..<$0.end) } + kept).sorted() == Array(0..<UInt64(size)))
        }
    }

    @Test("whoever knows the key or a checkpoint finds a bundle of another log")
    func expectations() throws {
        let bytes = try stage.bundle(BundleFilter(session: "two"))
        let other = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        #expect(
            try stage.problems(bytes, LogExpectation(key: other.verifier))
                == [.unexpectedKey(expected: other.verifier)])
        #expect(try stage.problems(bytes, LogExpectation(minimum: 14)) == [.belowMinimum(minimum: 14, signed: 13)])
        let file = try CheckpointFile(in: WorkingDirectory().open(stage.log, .directory))
        let own = try #require(file.entries.last?.checkpoint)
        #expect(try stage.problems(bytes, LogExpectation(checkpoint: own)) == [])
        func signed(_ size: UInt64) -> Checkpoint { Checkpoint(size: size, root: SHA256.digest([9]), key: someKey()) }
        // Receipts 0 and 2 are there, 3 is left out alone, and 5 and 6 stand under one hash with none before it.
        #expect(try stage.problems(bytes, LogExpectation(checkpoint: signed(3))) == [.knownCheckpointViolated(size: 3)])
        #expect(try stage.problems(bytes, LogExpectation(checkpoint: signed(11))) == [.checkpointNotComparable(size: 11)])
        #expect(try stage.problems(bytes, LogExpectation(checkpoint: signed(20))) == [.checkpointNotComparable(size: 20)])
        let foreign = Checkpoint(size: 13, root: own.root, key: other)
        #expect(try stage.problems(bytes, LogExpectation(checkpoint: foreign)) == [.badSignature])
    }

    @Test("what a maker does who cannot sign is found, though the end fits")
    func forgeries() throws {
        let lines = try stage.bundle(BundleFilter(session: "two")).lines
        func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
        func changed(_ index: Int, _ old: String, _ new: String) throws -> [[UInt8]] {
            var changed = lines
            #expect(text(lines[index]).contains(old), "\(text(lines[index]))")
            changed[index] = Array(text(lines[index]).replacing(old, with: new).utf8)
            return changed
        }
        func problems(_ lines: [[UInt8]]) throws -> [Finding.Problem] { try stage.problems(lines.ended) }
        #expect(try problems(lines) == [])
        let launch = try #require(lines.firstIndex { text($0).contains("\"launch\"") })
        let document = try #require(lines.firstIndex { text($0).hasPrefix("{\"document\":{\"name\":\"notes\"") })
        let node = try #require(lines.firstIndex { text($0).contains("\"leaves\"") })
        // Header.
        #expect(try problems(changed(0, "\"version\":1", "\"version\":2")) == [.invalidMember("version")])
        #expect(try problems(changed(0, "sandboxd-bundle", "sandboxd-bundled")) == [.invalidMember("format")])
        #expect(try problems(changed(0, "\"receipts\":5", "\"receipts\":6")) == [.bundleCount("receipts", stated: 6, found: 5)])
        #expect(try problems(changed(0, "\"documents\":2", "\"documents\":1")) == [.bundleCount("documents", stated: 1, found: 2)])
        #expect(try problems(changed(0, "\"documents\":2", "\"documents\":10000000000")) == [.invalidMember("counts")])
        #expect(
            try problems(changed(0, "\"receipts\":5", "\"receipts\":9007199254740992"))
                == [.bundleCount("receipts", stated: 9_007_199_254_740_992, found: 5)])
        #expect(try problems(changed(0, "{\"session\":\"two\"}", "{}")).contains { if case .leftOut = $0 { true } else { false } })
        #expect(try problems(changed(0, "{\"session\":\"two\"}", "{\"session\":\"one\"}")).contains(.outsideFilter))
        #expect(try problems(changed(0, "{\"session\":\"two\"}", "{\"server\":\"notes\",\"session\":\"two\"}")).contains(.outsideFilter))
        #expect(try problems(changed(0, "{\"session\":\"two\"}", "{\"sessions\":\"two\"}")) == [.invalidMember("filter")])
        #expect(try problems(changed(0, "\\n13\\n", "\\n12\\n")).contains(.badSignature))
        // Receipts and hashes.
        #expect(try problems(changed(launch, "mail", "mall")) == [.rootMismatch(first: 0, size: 13)])
        #expect(try problems(changed(node, "\"leaves\":1", "\"leaves\":2")).contains(.invalidMember("leaves")))
        #expect(try problems(changed(document, "notes", "nones")) == [.documentMismatch, .bundleCount("documents", stated: 2, found: 1)])
        #expect(try problems([lines[0], lines[2], lines[1]] + lines[3...]).contains(.documentOrder))
        #expect(try problems([lines[0], lines[1], lines[1]] + lines[2...]).contains(.documentOrder))
        #expect(try problems(Array(lines[..<3] + [lines[1]] + lines[3...])).contains(.documentOrder))
        var moved = lines
        moved.swapAt(1, launch)
        #expect(try problems(moved).contains(.misplacedLine))
        var without = lines
        without.remove(at: launch)
        #expect(try problems(without).contains(.number(expected: 2, found: 3)))
        #expect(try problems(Array(lines[..<launch] + [Array("{\"other\":1}\n".utf8)] + lines[launch...])).contains(.unknownLine))
        #expect(try stage.problems(lines.ended + lines[launch]) == [.misplacedLine])
        #expect(try stage.problems(lines.dropLast().flatMap { $0 }) == [.endMissing])
        #expect(try stage.problems([]) == [.endMissing])
    }

    @Test("receipts that say they are all there and are not, are found")
    func leftOutSilently() throws {
        let lines = try stage.bundle(BundleFilter(from: "2026-01-31T08:05:04", session: "two")).lines
        let header = String(decoding: lines[0], as: UTF8.self).replacing("\"from\":\"2026-01-31T08:05:04\",", with: "")
        let problems = try stage.problems(([Array(header.utf8)] + lines[1...]).ended)
        #expect(problems.contains(.sessionNumber(session: "two", expected: 1, found: 2)))
    }

    @Test("two hashes do not stand where one would do")
    func split() throws {
        var hash = SHA256()
        let lines = try stage.bundle(BundleFilter(session: "four")).lines
        let at = try #require(lines.firstIndex { String(decoding: $0, as: UTF8.self).contains("\"first\":8,\"leaves\":4") })
        // The hashes of its halves, as the log has them.
        var leaves: [Digest] = []
        try LogLines.read(directory: stage.log) { line in
            leaves.append(line.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) })
            return true
        }
        let halves = [8, 10].map {
            BundleNode(first: UInt64($0), leaves: 2, root: MerkleEdge.node(leaves[$0], leaves[$0 + 1], using: &hash))
        }
        let forged = lines[..<at] + halves.map { $0.line + [0x0A] } + lines[(at + 1)...]
        #expect(try stage.problems(Array(forged).ended) == [.splitNode])
    }

    @Test("a bundle that claims much, or is nested deeply, or has no line's end, costs nothing", arguments: 0..<5)
    func bounded(index: Int) throws {
        let lines = try stage.bundle().lines
        let deep = Array(("{\"body\":" + String(repeating: "[", count: 100_000)).utf8)
        let cases: [([UInt8], Finding.Problem)] = [
            (lines[0] + [UInt8](repeating: 0x20, count: 18 << 20), .lineTooLong),
            (lines[0] + Array("{\"body\":\"".utf8) + [UInt8](repeating: 0x41, count: 2 << 20) + Array("\"}\n".utf8), .lineTooLong),
            (lines[0] + deep + [0x0A], .notJSON(JSONError(.tooDeep, at: 0))),
            ([UInt8](repeating: 0x7B, count: 2 << 20) + [0x0A], .lineTooLong),
            (lines[0] + Array("{\"first\":1,\"leaves\":4611686018427387904,\"root\":\"\(SHA256.digest([]).hex)\"}\n".utf8), .notCanonical),
        ]
        let problem = try #require(try stage.problems(cases[index].0).first)
        switch (problem, cases[index].1) {
        case (.notJSON(let found), .notJSON(let expected)): #expect(found.kind == expected.kind)
        default: #expect(problem == cases[index].1)
        }
    }

    @Test("a log that was changed, cut or not signed gives no bundle")
    func changedLogs() throws {
        func failure(_ filter: BundleFilter? = BundleFilter()) -> BundleWriter.Problem? {
            do {
                _ = try stage.bundle(filter)
                return nil
            } catch { return error as? BundleWriter.Problem }
        }
        let segment = "log/segments/000000000004.jsonl"
        let whole = try stage.scratch.read(segment)
        try stage.scratch.write(segment, Array(String(decoding: whole, as: UTF8.self).replacing("\"at\":5", with: "\"at\":6").utf8))
        #expect(failure() == .changed)
        #expect(failure(BundleFilter(session: "two")) == .changed)
        try stage.scratch.write(segment, Array(whole.dropFirst()))
        #expect(failure() == .notReceipt(number: 4))
        try stage.scratch.write(segment, whole)
        #expect(failure() == nil)
        let digest = SHA256.digest(BundleStage.policy)
        try stage.scratch.write("log/documents/\(digest.hex)", [1])
        #expect(failure() == .changedDocument(digest))
        try stage.scratch.write("log/documents/\(digest.hex)", BundleStage.policy)
        for name in ["000000000012", "000000000008"] { try stage.scratch.remove("log/segments/\(name).jsonl") }
        #expect(failure() == .short(found: 8))
        try stage.scratch.write("log/checkpoints", [])
        #expect(failure() == .unsigned)
    }

    @Test("a log whose key was exchanged gives bundles that any of its keys verifies")
    func rotated() throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/log"
        let log = try ReceiptLog.open(keepingKeyIn: path, custody: .daemon, receiptsPerSegment: 4, time: someTime)
        for _ in 0..<2 {
            for _ in 0..<3 { try log.append(receipt(.decision, session: "one")) }
            try log.rotateKey(isKept: true, time: someTime)
        }
        var bytes: [UInt8] = []
        _ = try BundleWriter(directory: path, filter: try #require(BundleFilter(session: "none"))).write { piece in
            bytes += piece
            return true
        }
        #expect(bytes.numbers == [0, 4, 8])
        for key in log.keys.keys {
            let report = try stage.verified(bytes, LogExpectation(key: key))
            #expect(report.findings == [] && report.keys == log.keys)
        }
        let other = someKey().verifier
        #expect(try stage.problems(bytes, LogExpectation(key: other)) == [.unexpectedKey(expected: other)])
        let last = ",\"\(log.verifier.text)\""
        let header = String(decoding: bytes.lines[0], as: UTF8.self)
        #expect(header.contains(last))
        let shortened = [Array(header.replacing(last, with: "").utf8)] + bytes.lines[1...]
        #expect(try stage.problems(shortened.ended) == [.invalidMember("keys")])
        // Without the receipt of an exchange nobody says that the key is the log's.
        let rotation = try #require(bytes.lines.firstIndex { String(decoding: $0, as: UTF8.self).contains("\"number\":8") })
        var without = bytes.lines
        without.remove(at: rotation)
        #expect(try stage.problems(without.ended).contains(.badSignature))
    }

    @Test("a receipt with a member twice, or an integer that a double does not carry, is none")
    func exactness() throws {
        func problem(_ body: String) throws -> Finding.Problem? {
            let line = #"{"body":BODY,"custody":"daemon","kind":"exit","number":11,"time":"2026-01-31T08:05:00.000123Z"}"#
            do {
                _ = try ReceiptLine(Array(line.replacing("BODY", with: body).utf8))
                return nil
            } catch {
                return error.problem
            }
        }
        #expect(try problem(#"{"a":9007199254740992,"b":-9007199254740992}"#) == nil)
        #expect(try problem(#"{"a":9007199254740993}"#) == .notCanonical)
        #expect(try problem(#"{"a":1e2}"#) == .notCanonical)
        for twice in [#"{"a":1,"a":1}"#, #"{"a":{"b":1,"b":2}}"#, #"{"a":1,"\u0061":1}"#] {
            guard case .notJSON(let error) = try problem(twice) else {
                Issue.record("\(twice) was taken")
                continue
            }
            #expect(error.kind == .duplicateMember)
        }
    }

    @Test(
        "a filter's values have their form",
        arguments: ["2026-01-31T08:0", "2026-13", "x", "2026-01-31 08", "", "2026-01-31T08:05:00.1234567"])
    func filterForms(time: String) {
        #expect(BundleFilter(from: time) == nil && BundleFilter(to: time) == nil)
        #expect(BundleFilter(session: "a b") == nil && BundleFilter(server: "") == nil)
    }
}

/// INVARIANT of all these: nothing that is done to a bundle's bytes verifies, and each has a finding of its own.
@Suite struct BundleMutationTests {
    enum Mutation: CaseIterable, Sendable {
        case flip, drop, double, insert, cut
    }

    @Test("no byte of a bundle can be changed, dropped, doubled, put in or cut off", arguments: Mutation.allCases)
    func bytes(mutation: Mutation) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let stage = try BundleStage()
        let bytes = try stage.bundle(BundleFilter(session: "four"))
        #expect(try stage.problems(bytes) == [])
        for at in bytes.indices {
            var changed = bytes
            switch mutation {
            case .flip: changed[at] ^= UInt8.random(in: 1...255, using: &random)
            case .drop: changed.remove(at: at)
            case .double: changed.insert(changed[at], at: at)
            case .insert: changed.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case .cut: changed.removeSubrange(at...)
            }
            if changed == bytes { continue }
            #expect(!(try stage.problems(changed).isEmpty), "\(mutation) at \(at) seed \(seed)")
        }
    }

    @Test("no line of a bundle can be dropped, doubled, swapped or moved")
    func lines() throws {
        let stage = try BundleStage()
        let lines = try stage.bundle(BundleFilter(server: "notes")).lines
        func isFound(_ lines: [[UInt8]]) throws -> Bool {
            // With the end as it was, and with one that fits.
            try !stage.problems(lines.flatMap { $0 }).isEmpty && !stage.problems(lines.ended).isEmpty
        }
        for at in lines.indices.dropLast() {
            var (dropped, doubled) = (lines, lines)
            dropped.remove(at: at)
            doubled.insert(lines[at], at: at)
            #expect(try isFound(dropped) && isFound(doubled), "line \(at + 1)")
            for other in (at + 1)..<(lines.count - 1) {
                var swapped = lines
                swapped.swapAt(at, other)
                #expect(try isFound(swapped), "lines \(at + 1) and \(other + 1)")
            }
        }
        #expect(try !stage.problems((lines + [lines[lines.count - 1]]).flatMap { $0 }).isEmpty)
    }
}
