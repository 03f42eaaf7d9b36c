import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

/// Arguments that are kept beside a log, and can go.
@Suite struct ContentTests {
    let scratch: ScratchDirectory
    let key: CommitmentKey

    init() throws {
        scratch = try ScratchDirectory()
        _ = try SigningKey.openOrCreate(in: scratch.path + "/log")
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
        key = try CommitmentKeys(log: scratch.path + "/log").make(for: "s")
    }

    private var path: String { scratch.path + "/log" }

    private func body(_ text: String) -> [UInt8] {
        let content = Array(#"{"card":"[redacted]","text":"\#(text)"}"#.utf8)
        var mac = HMACSHA256(key: key.bytes)
        let code = mac.code(content).hex
        let start = #"{"arguments":"hmac-sha256:\#(SHA256.digest([1]).hex)","bytes":90,"content":"hmac-sha256:\#(code)","#
        return Array("\(start)\"decision\":\"forward\",\"tool\":\"t\",\"kept\":".utf8) + content + Array("}".utf8)
    }

    private func plainBody() -> [UInt8] {
        Array(#"{"arguments":"hmac-sha256:\#(SHA256.digest([1]).hex)","bytes":90,"decision":"block"}"#.utf8)
    }

    private func writer() throws -> SpoolWriter {
        SpoolWriter(try WorkingDirectory().open("\(scratch.path)/spool", [.write, .append, .create]))
    }

    private func file() throws(Errno) -> OwnedDescriptor { try WorkingDirectory().open("\(scratch.path)/spool") }

    private func launch(keep: Keep = .seconds(60)) throws -> Receipt {
        try Receipt(.launch, time: someTime, facts: facts("s"), body: ["outcome": "released", "keep": keep.json])
    }

    /// Three decisions, of which the second keeps nothing, as receipts 2 to 4 of a log.
    private func folded(keep: Keep = .seconds(60)) throws -> ReceiptLog {
        let log = try scratch.log(perSegment: 1_000)
        try log.append(launch(keep: keep))
        var spool = try writer()
        try spool.append(.decision, body: body("one"), time: someTime)
        try spool.append(.decision, body: plainBody(), time: someTime)
        try spool.append(.decision, body: body("three"), time: someTime)
        var folder = SpoolFolder(facts("s"))
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        try log.synchronizeContents(of: "s")
        try log.checkpoint()
        return log
    }

    private func content(_ number: UInt64) throws -> String? {
        try KeptContent.read(log: path, session: "s", number: number).map { String(decoding: $0, as: UTF8.self) }
    }

    private func report() -> VerificationReport { verify(directory: path) }

    private func problems() -> [Finding.Problem] { report().findings.map(\.problem) }

    @Test("what is to be kept goes from the spool into a file of its own, readable by its owner alone, and never into a receipt")
    func keeps() throws {
        let log = try folded()
        #expect(try content(1) == #"{"card":"[redacted]","text":"one"}"#)
        #expect(try content(2) == nil)
        #expect(try content(3) == #"{"card":"[redacted]","text":"three"}"#)
        let mode = try WorkingDirectory().open("\(path)/contents/s/1").status().mode
        #expect(mode & 0o777 == 0o600)
        let lines = String(decoding: try scratch.read("log/segments/000000000000.jsonl"), as: UTF8.self)
        #expect(!lines.contains("three") && !lines.contains("\"kept\""))
        #expect(report().findings == [] && report().contents == 2 && report().erasedContents == 0)
        #expect(log.size == 5)
    }

    @Test("whatever a crash took of receipts and contents, folding again brings both, each once", arguments: [0, 1, 2, 3])
    func crashes(lost: Int) throws {
        _ = try folded()
        let segment = "log/segments/000000000000.jsonl"
        let lines = try scratch.read(segment).split(separator: 0x0A)
        try scratch.write("log/checkpoints", [])
        try scratch.write(segment, Array(lines.prefix(5 - lost).joined(separator: [0x0A])) + [0x0A])
        try scratch.remove("log/contents/s/1")
        try scratch.write("log/contents/s/3", [1])
        let log = try scratch.log(perSegment: 1_000)
        var folder = SpoolFolder(facts("s"))
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        try log.checkpoint()
        #expect(log.size == 5)
        #expect(report().findings == [] && report().contents == 2)
    }

    @Test("where a content cannot be written no receipt of it is, and both come later")
    func full() throws {
        let log = try scratch.log()
        try log.append(launch())
        // A file where the directory of the contents would be.
        try scratch.write("log/contents", [])
        var spool = try writer()
        try spool.append(.decision, body: plainBody(), time: someTime)
        try spool.append(.decision, body: body("two"), time: someTime)
        try spool.append(.decision, body: plainBody(), time: someTime)
        var folder = SpoolFolder(facts("s"))
        #expect(throws: FoldError.self) { try folder.fold(file(), into: log) }
        #expect(log.lastSpoolNumber(of: "s") == 1)
        try scratch.remove("log/contents")
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        #expect(log.lastSpoolNumber(of: "s") == 3)
        #expect(try content(2) == #"{"card":"[redacted]","text":"two"}"#)
        try log.checkpoint()
        #expect(problems() == [])
    }

    @Test(
        "a content that is changed, or missing without an erasure, or whose key is gone, is found", arguments: ["changed", "gone", "key"])
    func judged(what: String) throws {
        _ = try folded()
        switch what {
        case "changed":
            try scratch.write("log/contents/s/3", Array(#"{"card":"[redacted]","text":"thref"}"#.utf8))
            #expect(problems() == [.contentMismatch(session: "s", number: 3)])
        case "gone":
            try scratch.remove("log/contents/s/1")
            #expect(problems() == [.contentMissing(session: "s", number: 1)])
        default:
            try scratch.remove("log/commitment-keys/s")
            #expect(problems() == [.contentKeyMissing(session: "s")])
        }
    }

    @Test("an erasure drops the content and nothing else, is a receipt, and the log verifies; there is no second one")
    func erases() throws {
        let log = try folded()
        let before = try scratch.read("log/segments/000000000000.jsonl")
        #expect(try log.session(ofContentAt: 2) == "s")
        #expect(try log.erase(2, by: 1_000, reason: "a name of a patient", time: someTime) == 5)
        #expect(try content(1) == nil)
        #expect(try content(3) != nil)
        let after = try scratch.read("log/segments/000000000000.jsonl")
        #expect(after.starts(with: before))
        let told = try JSON(parsing: Array(after.dropFirst(before.count).dropLast()))["body"]
        #expect(
            told?["event"] == "content-erased" && told?["by"] == 1_000 && told?["receipt"] == 2 && told?["reason"] == "a name of a patient")
        #expect(report().findings == [] && report().contents == 1 && report().erasedContents == 1 && report().pending == 0)
        #expect(throws: EraseFailure.erasedBefore) { try log.erase(2, by: 0, time: someTime) }
        for number: UInt64 in [0, 1, 3, 5] { #expect(throws: EraseFailure.nothingKept) { try log.erase(number, by: 0, time: someTime) } }
        #expect(throws: EraseFailure.noSuchReceipt) { try log.erase(77, by: 0, time: someTime) }
        try log.erase(4, by: 0, time: someTime)
        #expect(try scratch.names("log").contains("contents") && scratch.names("log/contents") == [])
    }

    @Test("an erasure that a crash cut short is finished when the log is opened")
    func erasureCutShort() throws {
        do {
            let log = try folded()
            log.faultAt = { $0 == .told ? .io : nil }
            #expect(throws: EraseFailure.log(.system(.io))) { try log.erase(2, by: 0, time: someTime) }
        }
        #expect(try content(1) != nil)
        #expect(problems() == [])
        _ = try scratch.log(perSegment: 1_000)
        #expect(try content(1) == nil)
        #expect(report().findings == [] && report().erasedContents == 1 && report().pending == 0)
    }

    @Test("an erasure that failed half way is finished when it is asked for again, by the same receipt")
    func erasureAgain() throws {
        let log = try folded()
        log.faultAt = { $0 == .told ? .io : nil }
        #expect(throws: EraseFailure.log(.system(.io))) { try log.erase(2, by: 0, time: someTime) }
        log.faultAt = nil
        #expect(try log.erase(2, by: 0, time: someTime) == 5)
        #expect(log.size == 6)
        #expect(try content(1) == nil)
        #expect(throws: EraseFailure.erasedBefore) { try log.erase(2, by: 0, time: someTime) }
    }

    @Test(
        "retention takes what is kept of what it removes, wherever it is cut short",
        arguments: [nil, .told, .rooted, .begun] as [ReceiptLog.RemovalStep?])
    func retention(step: ReceiptLog.RemovalStep?) throws {
        let late = someTime + 86_400_000_000_000
        do {
            let log = try folded()
            log.faultAt = { $0 == step ? .io : nil }
            if step == nil {
                #expect(try log.retain(now: late)?.receipts == 4)
                #expect(throws: EraseFailure.removed) { try log.erase(2, by: 0, time: late) }
            } else {
                #expect(throws: LogError.system(.io)) { try log.retain(now: late) }
            }
        }
        #expect(problems() == [])
        let log = try scratch.log(perSegment: 1_000)
        #expect(try log.retain(now: late) == nil)
        #expect(problems() == [] && report().contents == 0)
        #expect(try content(1) == nil && content(3) == nil)
    }

    @Test("what retention took of a session that goes on does not come back with its spool", arguments: [true, false])
    func goesOn(isOpenedAgain: Bool) throws {
        let late = someTime + 86_400_000_000_000
        var log: ReceiptLog? = try folded()
        #expect(try log?.retain(now: late)?.receipts == 4)
        if isOpenedAgain {
            log = nil
            log = try scratch.log(perSegment: 1_000)
        }
        var spool = SpoolWriter(try WorkingDirectory().open("\(scratch.path)/spool", [.write, .append]), lastNumber: 3)
        try spool.append(.decision, body: body("four"), time: late)
        var folder = SpoolFolder(facts("s"))
        let opened = try #require(log)
        #expect(try folder.fold(file(), into: opened) == .caughtUp)
        try opened.checkpoint()
        #expect(try content(1) == nil && content(3) == nil && content(4) != nil)
        #expect(report().findings == [] && report().contents == 1)
    }

    @Test("what a session that is kept for ever keeps stays, whatever else goes")
    func forever() throws {
        let log = try folded(keep: .forever)
        #expect(try log.retain(now: someTime * 2) == nil)
        #expect(report().findings == [] && report().contents == 2)
    }
}
