import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

private let day: UInt64 = 86_400_000_000_000

private func launch(_ session: String, keep: Keep?, at time: UInt64) throws -> Receipt {
    var body: JSONObject = ["outcome": "released"]
    if let keep { body[Keep.member] = keep.json }
    return try Receipt(.launch, time: time, facts: facts(session), body: body)
}

private func receipt(_ kind: ReceiptKind, _ session: String?, at time: UInt64) throws -> Receipt {
    try Receipt(kind, time: time, facts: session.map { facts($0) }, body: ["text": "x"])
}

/// Days of one session each, of six receipts; a segment holds a day.
private func makeLog(keep: [Keep?], perSegment: UInt64 = 1_000) throws -> WatchedLog {
    let log = try WatchedLog(perSegment: perSegment)
    for (index, keep) in keep.enumerated() {
        let (session, time) = ("a\(index)", someTime + UInt64(index) * day)
        try log.append([launch(session, keep: keep, at: time)])
        try log.append([receipt(.decision, session, at: time + 1_000), receipt(.outcome, session, at: time + 2_000)])
        try log.checkpoint()
        try log.append([receipt(.lifecycle, nil, at: time + 3_000), receipt(.decision, session, at: time + 4_000)])
        try log.append([receipt(.exit, session, at: time + 5_000)])
    }
    return log
}

private func problems(_ log: WatchedLog, _ expectation: LogExpectation = LogExpectation()) -> [Finding.Problem] {
    verify(directory: log.path, expecting: expectation).findings.map(\.problem)
}

@Suite struct RetentionTests {
    @Test("what is past its session's keep goes, the rest stays, and all of it verifies")
    func removes() throws {
        let log = try makeLog(keep: [.seconds(86_400 * 3), .seconds(86_400), .seconds(86_400 * 9)])
        #expect(try log.retain(at: someTime + day) == nil)
        // The second day's session is past its keep, the first one's is not yet.
        let removal = try #require(try log.retain(at: someTime + 2 * day + 5_000))
        #expect(removal == ReceiptLog.Removal(segments: 1, receipts: 5, hasMore: false))
        #expect(try log.retain(at: someTime + 2 * day + 5_000) == nil)
        #expect(try log.retain(at: someTime + 3 * day + 5_000)?.receipts == 5)
        let report = verify(directory: log.path)
        #expect(report.findings == [])
        #expect(report.removed == 10 && report.removedSegments == 2 && report.receipts == 21 && report.sessions == 1)
        #expect(report.signedRoot == naiveRoot(log.lines[...]))
        // What no session's keep is about stays: the log's key, the receipts of the removals, and the daemon's own.
        let kept = try log.kept().map(\.number)
        #expect(kept == [0, 4, 10] + Array(13..<21))
        log.close()
        try log.open()
        #expect(problems(log) == [])
        #expect(try log.log.root() == naiveRoot(log.lines[...]))
    }

    @Test("what retention left of a log is bundled, and the bundle says what is gone")
    func bundles() throws {
        let log = try makeLog(keep: [.seconds(86_400 * 3), .seconds(86_400), .seconds(86_400 * 9)])
        #expect(try log.retain(at: someTime + 3 * day + 5_000)?.receipts == 10)
        let kept = try log.kept().map { Int64($0.number) }
        for (filter, isAll) in [(BundleFilter(), true), (BundleFilter(session: "a2"), false), (BundleFilter(session: "a0"), false)] {
            var bytes: [UInt8] = []
            _ = try BundleWriter(directory: log.path, filter: try #require(filter)).write { piece in
                bytes += piece
                return true
            }
            if isAll { #expect(bytes.numbers == kept) }
            try log.scratch.write("bundle", bytes)
            let report = verify(directory: "\(log.scratch.path)/bundle", expecting: LogExpectation(key: someKey().verifier))
            #expect(report.findings == [])
            #expect(report.claims?.removed == 10)
            #expect(report.claims?.leftOut == report.signedSize - UInt64(bytes.numbers.count))
            // Whoever leaves more out than the log says is found.
            let lines = bytes.lines
            let header = String(decoding: lines[0], as: UTF8.self).replacing("\"removed\":10", with: "\"removed\":11")
            try log.scratch.write("bundle", ([Array(header.utf8)] + lines[1...]).ended)
            let problems = verify(directory: "\(log.scratch.path)/bundle").findings.map(\.problem)
            #expect(problems == [.bundleCount("removed", stated: 11, found: 10)])
        }
    }

    @Test("a session that is kept for ever, or whose receipts do not say, keeps its segments", arguments: [Keep.forever, nil])
    func forever(keep: Keep?) throws {
        let log = try makeLog(keep: [keep, .seconds(1)])
        #expect(try log.retain(at: someTime + 40_000 * day)?.receipts == 5)
        #expect(try log.kept().map(\.number).prefix(8) == [0, 1, 2, 3, 4, 5, 6, 10])
        #expect(problems(log) == [])
    }

    @Test("what the daemon records of itself keeps nothing else")
    func ownReceipts() throws {
        let log = try makeLog(keep: [.seconds(60)])
        let later = someTime + 3_600_000_000_000
        try log.append([receipt(.lifecycle, nil, at: later)])
        #expect(try log.retain(at: later)?.receipts == 5)
        #expect(try log.kept().map(\.number) == [0, 4, 7, 8])
        #expect(problems(log) == [])
    }

    @Test("a log that is past its keep as a whole is reduced to its roots, once")
    func whole() throws {
        let log = try makeLog(keep: [.seconds(60), .seconds(60)])
        #expect(try log.retain(at: someTime + 10 * day)?.receipts == 10)
        #expect(try log.kept().map(\.number) == [0, 4, 10, 13])
        for _ in 0..<3 {
            log.close()
            try log.open()
            #expect(try log.retain(at: someTime + 100 * day) == nil)
        }
        #expect(try log.log.size == 14)
        #expect(problems(log) == [])
    }

    @Test("what goes is proven no more, and said to be removed; what stays is proven as before")
    func proofs() throws {
        let log = try makeLog(keep: [.seconds(86_400), .forever])
        let before = try LogProver(directory: log.path)
        let old = before.checkpoint
        let proof = try before.receipt(2)
        try log.retain(at: someTime + 10 * day)
        let prover = try LogProver(directory: log.path)
        for number: UInt64 in [1, 2, 3, 5] {
            #expect(throws: LogProver.Problem.removed) { _ = try prover.receipt(number) }
        }
        #expect(throws: LogProver.Problem.noSuchReceipt) { _ = try prover.receipt(100) }
        for number: UInt64 in [0, 4, 7, 13] {
            #expect(try prover.receipt(number).findings(someKey().verifier, file: "p") == [])
        }
        // A proof that was given away still holds, and the log goes on from what was signed then.
        #expect(proof.findings(someKey().verifier, file: "p") == [])
        #expect(try prover.consistency(since: old).findings(since: old, someKey().verifier, file: "p") == [])
        #expect(problems(log, LogExpectation(checkpoint: old)) == [])
        // Subtrees of two receipts each are left where there is no checkpoint: 2 and 3, but not the one before and the one behind.
        let foreign = Checkpoint(size: 3, root: naiveRoot(log.lines[..<3]), key: someKey())
        #expect(throws: LogProver.Problem.unknownCheckpoint) { _ = try prover.consistency(since: foreign) }
        #expect(problems(log, LogExpectation(checkpoint: foreign)) == [.removedCheckpoint(size: 3)])
    }

    @Test("whoever reads what is signed reads what is left, with its numbers")
    func signedLines() throws {
        let log = try makeLog(keep: [.seconds(60), .forever])
        try log.retain(at: someTime + 10 * day)
        let signed = try log.log.checkpoint()
        var numbers: [UInt64] = []
        try SignedLines.read(log.path, under: signed) { number, line in
            #expect(log.lines[Int(number)] == line)
            numbers.append(number)
            return true
        }
        #expect(numbers == [0, 4] + (7..<signed.size))
    }

    @Test("random logs: after every removal all that is left is as it was, and every proof holds", arguments: 0..<12)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let log = try WatchedLog(perSegment: UInt64.random(in: 1...9, using: &random))
        var keeps: [String: Keep] = [:]
        var time = someTime
        for step in 0..<70 {
            time += UInt64.random(in: 0...(day / 2), using: &random)
            switch UInt64.random(in: 0..<12, using: &random) {
            case 0..<2:
                let session = "a\(step)"
                keeps[session] =
                    Int.random(in: 0..<8, using: &random) == 0 ? .forever : .seconds(UInt64.random(in: 1...500_000, using: &random))
                try log.append([launch(session, keep: keeps[session], at: time)])
            case 2..<8:
                let session = keeps.keys.sorted().randomElement(using: &random)
                let kinds: [ReceiptKind] = [.decision, .outcome, .lifecycle, .exit]
                var batch: [Receipt] = []
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let kind = kinds.randomElement(using: &random) ?? .decision
                    batch.append(try receipt(kind, kind == .lifecycle ? nil : session, at: time))
                    time += 1_000_000
                }
                try log.append(batch)
            case 8..<10: try log.checkpoint()
            case 10:
                log.close()
                try log.open()
            default:
                try log.retain(at: time)
                try judge(log, keeps, at: time)
            }
        }
        time += 10 * day
        try log.retain(at: time)
        try judge(log, keeps, at: time)
        #expect(verify(directory: log.path).removed > 0)
    }

    private func judge(_ log: WatchedLog, _ keeps: [String: Keep], at now: UInt64) throws {
        try log.checkpoint()
        let report = verify(directory: log.path)
        #expect(report.findings == [])
        let kept = Set(try log.kept().map(\.number))
        #expect(Int(report.removed) == log.lines.count - kept.count)
        #expect(report.signedRoot == naiveRoot(log.lines[...]))
        let prover = try LogProver(directory: log.path)
        for (number, line) in log.lines.enumerated() {
            if kept.contains(number) {
                // Each in its turn, over the removals.
                guard number % 7 == log.lines.count % 7 else { continue }
                #expect(try prover.receipt(UInt64(number)).findings(someKey().verifier, file: "p") == [])
                continue
            }
            let receipt = try #require((try JSON(parsing: line)).object)
            let session = try #require(receipt[ReceiptFields.session]?.string)
            let stated = try #require(receipt[ReceiptFields.time]?.string.flatMap { Timestamp(text: $0) })
            #expect(keeps[session]?.isOver(after: now / 1_000 - stated.microseconds) == true)
        }
        for checkpoint in log.checkpoints {
            let proof = try prover.consistency(since: checkpoint)
            #expect(proof.findings(since: checkpoint, someKey().verifier, file: "p") == [])
        }
    }

    // MARK: Clocks

    @Test("a clock that goes back removes nothing early, whoever's it is")
    func clockBack() throws {
        let log = try makeLog(keep: [.seconds(86_400 * 30)])
        // The host's clock is at its beginning, in another year, and a little before the receipts.
        for now in [0, 1_000, someTime - 1, someTime - 400 * day] { #expect(try log.retain(at: now) == nil) }
        // Receipts that were stated by such a clock are no older than those before them.
        try log.append([launch("late", keep: .seconds(86_400 * 30), at: 5 * day), receipt(.decision, "late", at: 5 * day)])
        try log.append([launch("next", keep: .forever, at: someTime + 2 * day)])
        #expect(try log.retain(at: someTime + 29 * day) == nil)
        #expect(try log.retain(at: someTime + 31 * day)?.segments == 2)
        #expect(problems(log) == [])
    }

    @Test("a receipt from the future holds its own segment until then, and no other")
    func clockAhead() throws {
        let log = try makeLog(keep: [.seconds(86_400)])
        try log.append([launch("ahead", keep: .seconds(86_400), at: someTime + 900 * day)])
        try log.append([launch("after", keep: .seconds(86_400), at: someTime + 2 * day)])
        #expect(try log.retain(at: someTime + 20 * day)?.segments == 2)
        #expect(try log.retain(at: someTime + 899 * day) == nil)
        #expect(try log.retain(at: someTime + 902 * day)?.segments == 1)
        #expect(problems(log) == [])
    }

    @Test("time that is lost to a clock ahead of the others counts only up to an hour")
    func retentionClock() {
        let clock = RetentionClock(realtime: someTime, boottime: 77)
        #expect(clock.now(realtime: someTime + 5, boottime: 77) == someTime + 5)
        #expect(clock.now(realtime: someTime + 900 * day, boottime: 77 + day) == someTime + day + 3_600_000_000_000)
        #expect(clock.now(realtime: someTime - day, boottime: 77 + day) == someTime - day)
    }

    @Test("a segment ends with its day only when it can be removed by its age")
    func days() throws {
        let forever = try makeLog(keep: [.forever, .forever, nil])
        #expect(try forever.scratch.names("log/segments").count == 1)
        let mixed = try makeLog(keep: [.forever, .seconds(60), .forever, .forever])
        #expect(try mixed.scratch.names("log/segments").count == 3)
        let log = try WatchedLog(perSegment: 1_000)
        // A clock of long ago begins another one, too. Spools are folded late: what was stated before midnight comes after what was stated behind it.
        try log.append([launch("a", keep: .seconds(60), at: 100 * day - 1_000)])
        for time in [100 * day + 1_000, 100 * day - 1_000, 100 * day + 1_000] { try log.append([receipt(.decision, "a", at: time)]) }
        #expect(try log.scratch.names("log/segments").count == 3)
    }

    // MARK: Crashes

    @Test(
        "wherever a removal is cut short the log verifies, and whoever opens it next finishes", arguments: ReceiptLog.RemovalStep.allCases)
    func crashes(at step: ReceiptLog.RemovalStep) throws {
        let log = try makeLog(keep: [.seconds(60), .seconds(60), .forever])
        let all = try log.kept().count
        try log.log.faultAt = { $0 == step ? .io : nil }
        #expect(throws: LogError.system(.io)) { try log.retain(at: someTime + 10 * day) }
        let report = verify(directory: log.path)
        #expect(report.findings == [])
        #expect(report.receipts == UInt64(all + 1))
        log.close()
        try log.open()
        let after = verify(directory: log.path)
        #expect(after.findings == [])
        #expect(after.removed == 10 && after.removedSegments == 2 && after.receipts == report.receipts)
        #expect(try log.scratch.names("log/segments").count == 1)
        #expect(try log.retain(at: someTime + 10 * day) == nil)
        #expect(after.signedRoot == naiveRoot(log.lines[...]))
    }

    @Test("a log that goes on after a failed removal tells of it anew, and verifies", arguments: ReceiptLog.RemovalStep.allCases)
    func goesOn(after step: ReceiptLog.RemovalStep) throws {
        let log = try makeLog(keep: [.seconds(60), .seconds(60), .forever])
        try log.log.faultAt = { $0 == step ? .noSpace : nil }
        #expect(throws: LogError.system(.noSpace)) { try log.retain(at: someTime + 10 * day) }
        try log.log.faultAt = nil
        try log.append([launch("new", keep: .seconds(60), at: someTime + 11 * day)])
        try log.retain(at: someTime + 12 * day)
        #expect(problems(log) == [])
        log.close()
        try log.open()
        #expect(problems(log) == [])
        #expect(verify(directory: log.path).removed == 11)
    }

    @Test("a notice that was not signed removes nothing")
    func unsigned() throws {
        let log = try makeLog(keep: [.seconds(60), .forever])
        try log.checkpoint()
        let reduced = RemovedSegment(
            first: 0, count: 7, latest: Timestamp(nanoseconds: 0), parts: [.gone(leaves: 1, root: Digest())], sessions: [])
        let body = RemovalNotice([reduced]).body
        try log.append([Receipt(.lifecycle, time: someTime, facts: nil, body: body)])
        log.close()
        try log.open()
        #expect(try log.kept().count == log.lines.count)
        // Once it is signed, it still is not about that segment.
        try log.checkpoint()
        log.close()
        try log.open()
        #expect(try log.kept().count == log.lines.count)
        #expect(problems(log) == [])
    }

    // MARK: Forgeries

    private func removedLog() throws -> WatchedLog {
        let log = try makeLog(keep: [.seconds(60), .forever])
        // A session that goes on behind what is removed.
        try log.append([launch("on", keep: .seconds(60), at: someTime + 2 * day), receipt(.decision, "on", at: someTime + 2 * day)])
        try log.append([receipt(.exit, "on", at: someTime + 9 * day)])
        try log.retain(at: someTime + 4 * day)
        #expect(problems(log) == [])
        log.close()
        return log
    }

    @Test("any change of what is left is found", arguments: ["root", "leaves", "line", "latest", "first"])
    func forged(what: String) throws {
        let log = try removedLog()
        var text = String(decoding: try log.scratch.read("log/roots"), as: UTF8.self)
        switch what {
        case "root": text = String(decoding: try changedRoot(Array(text.utf8)), as: UTF8.self)
        case "leaves": text = text.replacing("\"leaves\":1,", with: "\"leaves\":2,", maxReplacements: 1)
        case "line": text = text.replacing("log-created", with: "log-creatEd")
        case "latest": text = text.replacing("\"latest\":\"2026", with: "\"latest\":\"2025")
        default: text = text.replacing("\"first\":0", with: "\"first\":1")
        }
        #expect(text != String(decoding: try log.scratch.read("log/roots"), as: UTF8.self))
        try log.scratch.write("log/roots", Array(text.utf8))
        #expect(problems(log) != [])
    }

    /// With another digit in the first root.
    private func changedRoot(_ bytes: [UInt8]) throws -> [UInt8] {
        var bytes = bytes
        let mark = Array("\"root\":\"".utf8)
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) }) + mark.count
        bytes[at] = bytes[at] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        return bytes
    }

    @Test("no byte of what is left can be another")
    func everyByte() throws {
        let log = try removedLog()
        let bytes = try log.scratch.read("log/roots")
        for at in bytes.indices {
            var changed = bytes
            changed[at] ^= 1
            try log.scratch.write("log/roots", changed)
            #expect(problems(log) != [], "byte \(at)")
        }
        try log.scratch.write("log/roots", bytes)
        #expect(problems(log) == [])
    }

    @Test("a segment that was deleted by hand is missed, with a root that was made for it, too")
    func deleted() throws {
        let log = try makeLog(keep: [.seconds(60), .forever, .forever])
        try log.append([launch("b", keep: .seconds(60), at: someTime + 3 * day), receipt(.exit, "b", at: someTime + 3 * day)])
        try log.append([launch("c", keep: .forever, at: someTime + 4 * day)])
        try log.checkpoint()
        let names = try log.scratch.names("log/segments").sorted()
        #expect(names.count == 4)
        let bytes = try log.scratch.read("log/segments/\(names[0])")
        log.close()
        try log.scratch.remove("log/segments/\(names[0])")
        #expect(problems(log).contains(.segmentStart(expected: 0)))
        #expect(throws: LogError.self) { try log.open() }

        let first = try #require(LogFiles.firstNumber(ofSegment: Array(names[1].utf8)))
        var reduction = SegmentReduction(from: 0, checkpoints: log.checkpoints.map(\.size))
        for line in log.lines[..<Int(first)] {
            try line.withUnsafeBytes { reduction.add(try ReceiptLine($0), $0, keep: .seconds(60)) }
        }
        var roots = try RootsFile(in: WorkingDirectory().open(log.path, .directory))
        roots.add([reduction.finish { _ in 5 }.segment])
        try roots.write(in: WorkingDirectory().open(log.path, .directory))
        #expect(problems(log) == [.unrecordedRemoval(first: 0)])
        try log.scratch.remove("log/roots")
        try log.scratch.write("log/segments/\(names[0])", bytes)
        #expect(problems(log) == [])
    }

    @Test("without the file of what is left nothing of it verifies")
    func missing() throws {
        let log = try removedLog()
        try log.scratch.remove("log/roots")
        #expect(problems(log).contains(.segmentStart(expected: 0)))
    }

    @Test("roots beside a segment that is still there are of it, or found", arguments: [true, false])
    func beside(isOfIt: Bool) throws {
        let log = try makeLog(keep: [.seconds(60), .forever])
        try log.log.faultAt = { $0 == .rooted ? .io : nil }
        #expect(throws: LogError.self) { try log.retain(at: someTime + 10 * day) }
        log.close()
        if !isOfIt {
            try log.scratch.write("log/roots", changedRoot(log.scratch.read("log/roots")))
            #expect(problems(log) == [.rootsMismatch(first: 0)])
            #expect(throws: LogError.self) { try log.open() }
        } else {
            #expect(problems(log) == [])
            try log.open()
            #expect(problems(log) == [])
        }
    }

    // MARK: Sessions

    @Test("a session that goes on behind what was removed of it goes on with its numbers and its keep")
    func sessions() throws {
        let log = try WatchedLog(perSegment: 1_000)
        try log.append([launch("a", keep: .seconds(3_600), at: someTime)])
        let spool = (1...3).map { number in
            SpoolFrame(kind: .decision, number: UInt64(number), time: someTime, body: Array("{}".utf8), range: 0..<1)
        }
        try log.append(spool.compactMap { Receipt($0, JSONObject(), facts: facts("a")) })
        #expect(try log.retain(at: someTime + 2 * day)?.receipts == 4)
        log.close()
        try log.open()
        #expect(try log.log.lastSpoolNumber(of: "a") == 3)
        try log.append([receipt(.decision, "a", at: someTime + 2 * day)])
        let last = try #require(log.lines.last)
        #expect(try JSON(parsing: last)[ReceiptFields.sessionNumber] == 5)
        #expect(try log.retain(at: someTime + 4 * day)?.receipts == 1)
        #expect(problems(log) == [])
    }

    @Test("refusals of policies that could not be read stay when their segment goes")
    func refusals() throws {
        let log = try makeLog(keep: [.seconds(60)])
        try log.append([Receipt(.refusal, time: someTime + 6_000, facts: facts("r"), body: ["reasons": []])])
        try log.append([Receipt(.refusal, time: someTime + 7_000, facts: facts("q"), body: ["reasons": [], "keep": 60])])
        #expect(try log.retain(at: someTime + 10 * day)?.receipts == 6)
        #expect(try log.kept().map(\.number) == [0, 4, 7, 9])
        log.close()
        try log.open()
        #expect(problems(log) == [])
    }

    @Test("times are read as they were written")
    func times() {
        for seconds: UInt64 in [0, 951_782_400, 1_709_251_199, 4_107_542_400, 253_402_300_799] {
            let time = Timestamp(microseconds: seconds * 1_000_000 + 123_456)
            #expect(Timestamp(text: time.text) == time)
            let line = Array("{\"time\":\"\(time.text)\"}".utf8)
            #expect(line.withUnsafeBytes { Timestamp(ofLine: $0) } == time)
        }
        for text in ["", "2026-02-30T00:00:00.000000Z", "1969-12-31T23:59:59.000000Z", "2026-01-31T08:05:00.000123"] {
            #expect(Timestamp(text: text) == nil)
        }
    }
}
