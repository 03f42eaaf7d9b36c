import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct VerifyTests {
    let scratch: ScratchDirectory
    let files = ["log/checkpoints", "log/key.pub"] + ["000000000000", "000000000004", "000000000008"].map { "log/segments/\($0).jsonl" }

    init() throws {
        scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
    }

    private func problems(_ expectation: LogExpectation = LogExpectation()) -> [Finding.Problem] {
        verify(directory: scratch.path + "/log", expecting: expectation).findings.map(\.problem)
    }

    @Test("a log that nobody touched verifies, and is counted")
    func good() {
        let report = verify(directory: scratch.path + "/log")
        #expect(report.isGood)
        #expect(report.receipts == 11 && report.signedSize == 11 && report.pending == 0)
        #expect(report.sessions == 2 && report.checkpoints == 3)
        #expect(report.receiptsByKind == [.lifecycle: 1, .launch: 2, .decision: 3, .outcome: 3, .exit: 2])
        #expect(report.key == someKey().verifier && !report.isKeyGiven)
    }

    @Test("every single byte that is changed is found, wherever it lies")
    func byteFlips() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for file in files {
            let whole = try scratch.read(file)
            for offset in whole.indices {
                var changed = whole
                changed[offset] ^= UInt8.random(in: 1...255, using: &random)
                try scratch.write(file, changed)
                #expect(!problems().isEmpty, "\(file) offset \(offset) seed \(seed)")
            }
            try scratch.write(file, whole)
        }
        #expect(problems() == [])
    }

    @Test("a byte that is removed or doubled is found, wherever it lies")
    func byteEdits() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for file in files {
            let whole = try scratch.read(file)
            for offset in whole.indices where random.next() % 8 == 0 {
                try scratch.write(file, Array(whole[..<offset] + whole[(offset + 1)...]))
                #expect(!problems().isEmpty, "\(file) without \(offset) seed \(seed)")
                try scratch.write(file, Array(whole[...offset] + whole[offset...]))
                #expect(!problems().isEmpty, "\(file) with \(offset) twice seed \(seed)")
            }
            try scratch.write(file, whole)
        }
    }

    @Test("a value that is changed in a signed receipt is found, with the range that no longer holds")
    func edit() throws {
        let segment = files[3]
        let text = String(decoding: try scratch.read(segment), as: UTF8.self)
        try scratch.write(segment, Array(text.replacing("\"x1\"", with: "\"y1\"").utf8))
        let report = verify(directory: scratch.path + "/log")
        #expect(report.findings == [Finding(.rootMismatch(first: 3, size: 6), "checkpoints", 6)])
        #expect(report.signedSize == 3 && report.pending == 8)
    }

    @Test("lines that are swapped, removed or put in twice are found, with the line")
    func reordering() throws {
        let segment = files[3]
        let whole = try scratch.read(segment)
        let lines = whole.split(separator: 0x0A).map { Array($0) + [0x0A] }
        let cases: [(order: [Int], first: Finding.Problem, line: Int)] = [
            ([0, 2, 1, 3], .number(expected: 5, found: 6), 2), ([0, 1, 3], .number(expected: 6, found: 7), 3),
            ([0, 1, 1, 2, 3], .number(expected: 6, found: 5), 3),
        ]
        for (order, first, line) in cases {
            try scratch.write(segment, order.flatMap { lines[$0] })
            let finding = try #require(verify(directory: scratch.path + "/log").findings.first)
            #expect(finding == Finding(first, "segments/000000000004.jsonl", line))
        }
    }

    @Test("a segment that is missing, emptied or renamed is found", arguments: [2, 3, 4])
    func segments(index: Int) throws {
        let whole = try scratch.read(files[index])
        try scratch.write(files[index], [])
        #expect(!problems().isEmpty)
        try scratch.remove(files[index])
        #expect(!problems().isEmpty)
        try scratch.write(files[index] + ".old", whole)
        #expect(problems().contains(.foreignFile))
    }

    @Test("cutting off signed receipts is found by the checkpoint that remains")
    func truncation() throws {
        try scratch.remove(files[4])
        #expect(problems().contains(.truncated(signed: 11, found: 8)))
        try scratch.remove(files[3])
        #expect(problems().contains(.truncated(signed: 11, found: 4)))
    }

    @Test("cutting receipts and their checkpoints alike is found by whoever knows a size or a checkpoint")
    func consistentTruncation() throws {
        let notes = String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self)
        let lines = notes.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        let last = try #require(Checkpoint(text: lines[10..<15].joined(separator: "\n") + "\n"))
        #expect(problems(LogExpectation(minimum: 11, checkpoint: last)) == [])
        try scratch.write("log/checkpoints", Array((lines[0..<10].joined(separator: "\n") + "\n").utf8))
        let segment = try scratch.read(files[3])
        let secondLineEnd = try #require(segment.indices.filter { segment[$0] == 0x0A }.dropFirst().first)
        try scratch.write(files[3], Array(segment[...secondLineEnd]))
        try scratch.remove(files[4])
        #expect(problems() == [])
        #expect(problems(LogExpectation(minimum: 11)) == [.belowMinimum(minimum: 11, signed: 6)])
        #expect(problems(LogExpectation(checkpoint: last)) == [.truncated(signed: 11, found: 6)])
    }

    @Test("a log that was made anew with another key passes on its own word alone, and is found by whoever knows the key or a checkpoint")
    func rechained() throws {
        let known = try #require(
            Checkpoint(
                text: String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self)
                    .split(separator: "\n", omittingEmptySubsequences: false)[10..<15].joined(separator: "\n") + "\n"))
        let other = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
        try makeSmallLog(scratch, key: other, name: "forged", text: "z")
        let report = verify(directory: scratch.path + "/forged")
        #expect(report.isGood && !report.isKeyGiven)
        let byKey = verify(directory: scratch.path + "/forged", expecting: LogExpectation(key: someKey().verifier)).findings.map(\.problem)
        #expect(byKey.contains(.unexpectedKey(expected: someKey().verifier)) && byKey.contains(.badSignature))
        #expect(!verify(directory: scratch.path + "/forged", expecting: LogExpectation(checkpoint: known)).isGood)
        // The forger keeps the old public key beside it, and the old checkpoints.
        try scratch.write("forged/key.pub", try scratch.read("log/key.pub"))
        #expect(verify(directory: scratch.path + "/forged").findings.contains { $0.problem == .badSignature })
        try scratch.write("forged/checkpoints", try scratch.read("log/checkpoints"))
        #expect(
            verify(directory: scratch.path + "/forged").findings.contains { if case .rootMismatch = $0.problem { true } else { false } })
    }

    @Test("the same key and other receipts of the same number violate a checkpoint that was kept")
    func equivocation() throws {
        let kept = try #require(
            Checkpoint(
                text: String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self)
                    .split(separator: "\n", omittingEmptySubsequences: false)[5..<10].joined(separator: "\n") + "\n"))
        try makeSmallLog(scratch, name: "second", text: "z")
        let report = verify(directory: scratch.path + "/second", expecting: LogExpectation(key: someKey().verifier, checkpoint: kept))
        #expect(report.findings.map(\.problem) == [.knownCheckpointViolated(size: 6)])
    }

    @Test("checkpoints in another order, or of a foreign origin, are found")
    func checkpointOrder() throws {
        let notes = try scratch.read("log/checkpoints")
        let lines = notes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map { Array($0) + [0x0A] }
        try scratch.write("log/checkpoints", [5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 10, 11, 12, 13, 14].flatMap { lines[$0] })
        #expect(problems() == [.checkpointOrder(previous: 6, found: 3)])
        let same = try #require(SigningKey(name: "other.example/log", seed: someSeed))
        try scratch.write("log/checkpoints", Array(Checkpoint(size: 11, root: SHA256.digest([]), key: same).text.utf8))
        #expect(problems() == [.badSignature])
    }

    @Test(
        "what no receipt has is found in signed and in pending lines alike",
        arguments: [
            (
                #"{"body":{},"custody":"daemon","kind":"exit","number":11,TIME} "#,
                Finding.Problem.notCanonical
            ),
            (#"{"body":{},"custody":"daemon","kind":"exit","number":11,TIME,"x":1}"#, .unknownMember("x")),
            (#"{"body":{},"custody":"daemon","kind":"exit","number":11}"#, .missingMember("time")),
            (#"{"body":{},"custody":"daemon","kind":"other","number":11,TIME}"#, .invalidMember("kind")),
            (#"{"body":[],"custody":"daemon","kind":"exit","number":11,TIME}"#, .invalidMember("body")),
            (
                #"{"body":{},"custody":"daemon","kind":"exit","number":12,TIME}"#,
                .number(expected: 11, found: 12)
            ),
            (#"{"custody":"daemon","body":{},"kind":"exit","number":11,TIME}"#, .notCanonical),
            (
                #"{"body":{},"custody":"daemon","kind":"exit","number":11,"session":"one","sessionNumber":9,TIME}"#,
                .sessionNumber(session: "one", expected: 7, found: 9)
            ),
            (
                #"{"body":{},"custody":"daemon","kind":"exit","number":11,"session":"n","sessionNumber":1,"spoolNumber":3,TIME}"#,
                .spoolNumber(session: "n", expected: 1, found: 3)
            ),
        ])
    func pendingLines(line: String, problem: Finding.Problem) throws {
        try scratch.write(
            files[4],
            try scratch.read(files[4]) + Array((line.replacing("TIME", with: #""time":"2026-01-31T08:05:00.000123Z""#) + "\n").utf8))
        let report = verify(directory: scratch.path + "/log")
        #expect(report.findings == [Finding(problem, "segments/000000000008.jsonl", 4)])
        #expect(report.pending == 1 && report.signedSize == 11)
    }

    @Test("a directory without a log is a finding, not a good log")
    func nothing() {
        #expect(!verify(directory: scratch.path + "/none").isGood)
        #expect(!verify(directory: scratch.path).isGood)
    }
}
