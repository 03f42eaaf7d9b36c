import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct FoldTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func writer() throws -> SpoolWriter {
        SpoolWriter(try WorkingDirectory().open("\(scratch.path)/spool", [.write, .append, .create]))
    }

    private func file() throws(Errno) -> OwnedDescriptor {
        try WorkingDirectory().open("\(scratch.path)/spool")
    }

    /// The texts of all decisions in the log, in order.
    private func texts() throws -> [String] {
        try scratch.names("log/segments").flatMap { try scratch.read("log/segments/\($0)").split(separator: 0x0A) }.compactMap {
            try JSON(parsing: Array($0))["body"]?["text"]?.string
        }
    }

    private func body(_ text: String) -> [UInt8] { Array(#"{ "text" : "\#(text)", "b": 1e2 }"#.utf8) }

    @Test("frames become receipts in order, their bodies canonical, beside what the daemon states")
    func folds() throws {
        let log = try scratch.log()
        var spool = try writer()
        try log.append(receipt(.launch, session: "s"))
        try spool.append(.decision, body: body("one"), time: someTime)
        try spool.append(.outcome, body: body("two"), time: someTime + 1_000)
        var folder = SpoolFolder(facts("s"))
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        try log.append(receipt(.exit, session: "s"))
        try log.checkpoint()
        let line = try #require(try scratch.read("log/segments/000000000000.jsonl").split(separator: 0x0A).dropFirst(3).first)
        let json = try JSON(parsing: Array(line))
        #expect(json["body"]?.encoded() == Array(#"{"b":100,"text":"two"}"#.utf8))
        #expect(json["sessionNumber"]?.int64 == 3 && json["spoolNumber"]?.int64 == 2 && json["kind"]?.string == "outcome")
        #expect(json["time"]?.string == "2026-01-31T08:05:00.000124Z")
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
        #expect(verify(directory: scratch.path + "/log").findings == [])
    }

    @Test("whatever a crash cuts off the log, folding again brings each frame in exactly once")
    func crashes() throws {
        do {
            let log = try scratch.log(perSegment: 100)
            try log.append(receipt(.launch, session: "s", text: "launch"))
        }
        let segment = "log/segments/000000000000.jsonl"
        let before = try scratch.read(segment)
        var spool = try writer()
        let expected = (0..<6).map { "text \($0)" }
        for text in expected { try spool.append(.decision, body: body(text), time: someTime) }
        try foldAll(limit: 100)
        let after = try scratch.read(segment)
        for cut in stride(from: before.count, through: after.count, by: 7) {
            try scratch.write(segment, Array(after[..<cut]))
            try foldAll(limit: 2)
            #expect(try texts() == ["launch"] + expected, "cut at \(cut)")
        }
    }

    private func foldAll(limit: Int) throws {
        let log = try scratch.log(perSegment: 100)
        var folder = SpoolFolder(facts("s"))
        while try folder.fold(file(), into: log, limit: limit) == .more {}
    }

    @Test("a torn end is told, and is folded once it is whole")
    func torn() throws {
        let log = try scratch.log()
        var spool = try writer()
        try spool.append(.decision, body: body("one"))
        try spool.append(.decision, body: body("two"))
        let whole = try scratch.read("spool")
        try scratch.write("spool", Array(whole.dropLast(5)))
        var folder = SpoolFolder(facts("s"))
        #expect(try folder.fold(file(), into: log) == .torn(bytes: whole.count / 2 - 5))
        try scratch.write("spool", whole)
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        #expect(try texts() == ["one", "two"])
    }

    @Test("what of a spool is no whole frame is kept beside the log, and recorded, wherever it is cut or zeroed")
    func keepsTorn() throws {
        var spool = try writer()
        for text in ["one", "two", "three"] { try spool.append(.decision, body: body(text), time: someTime) }
        let whole = try scratch.read("spool")
        let last = try #require((0..<whole.count).last { whole[$0...].starts(with: [0x53, 0x42, 0x58]) })
        for cut in last + 1..<whole.count {
            for isZeroed in [false, true] {
                let zeros = [UInt8](repeating: 0, count: isZeroed ? whole.count - cut : 0)
                try scratch.write("spool", Array(whole[..<cut] + zeros))
                let name = "log\(cut)\(isZeroed)"
                let log = try scratch.log(name), torn = try file()
                var folder = SpoolFolder(facts("s"))
                do throws(FoldError) {
                    let progress = try folder.fold(torn, into: log)
                    #expect(progress == .torn(bytes: cut - last) && !isZeroed)
                } catch {
                    #expect(error == .violation(.corrupt(offset: last)) && isZeroed)
                }
                try log.keepTorn(try file(), from: folder.offset, of: facts("s"), time: someTime)
                try log.checkpoint()
                #expect(try scratch.read("\(name)/aside/s.spool.0.torn") == Array(whole[last..<cut]) + zeros)
                let line = try #require(try scratch.read("\(name)/segments/000000000000.jsonl").split(separator: 0x0A).last)
                let recorded = try JSON(parsing: Array(line))["body"]
                #expect(recorded?["event"] == "torn-spool" && recorded?["bytes"]?.int64 == Int64(cut - last + zeros.count))
                try scratch.write("\(name)/key.pub", Array((someKey().verifier.text + "\n").utf8))
                #expect(verify(directory: scratch.path + "/\(name)").findings == [])
            }
        }
    }

    static let violations: [(kind: ReceiptKind, body: String)] = [
        (.launch, "{}"), (.exit, "{}"), (.refusal, "{}"), (.grant, "{}"), (.decision, "[]"), (.decision, "{"),
        (.decision, #"{"a":1,"a":2}"#),
        (.decision, #"{"a":9007199254740993}"#), (.decision, ""),
    ]

    @Test("what a gate may not state is a violation; what came before it is kept, and nothing behind it is read", arguments: violations)
    func violation(case violation: (kind: ReceiptKind, body: String)) throws {
        let log = try scratch.log()
        var spool = try writer()
        try spool.append(.decision, body: body("before"))
        try spool.append(violation.kind, body: Array(violation.body.utf8))
        try spool.append(.decision, body: body("behind"))
        var folder = SpoolFolder(facts("s"))
        for _ in 0..<2 {
            let error = #expect(throws: FoldError.self) { try folder.fold(file(), into: log) }
            guard case .violation = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(try texts() == ["before"])
    }

    @Test("how many denials the gate told is summed over the whole spool, whatever of it is in the log already")
    func talliesDenials() throws {
        let log = try scratch.log()
        var spool = try writer()
        var folder = SpoolFolder(facts("s"))
        for count in 1...3 { try spool.append(.kernelDenial, body: Array(#"{"count":\#(count)}"#.utf8)) }
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        #expect(folder.denials.told == 6)
        try spool.append(.kernelDenial, body: Array(#"{"count":10}"#.utf8))
        try spool.append(.outcome, body: Array(#"{"count":100}"#.utf8))
        try spool.append(.kernelDenial, body: Array(#"{"count":-5}"#.utf8))
        try spool.append(.kernelDenial, body: Array(#"{"count":"7"}"#.utf8))
        var next = SpoolFolder(facts("s"))
        #expect(try next.fold(file(), into: log) == .caughtUp)
        #expect(next.denials.told == 16)
    }

    @Test("what the gate declared void was not told")
    func voidedDenials() throws {
        let log = try scratch.log()
        var spool = try writer()
        for count in 1...4 { try spool.append(.kernelDenial, body: Array(#"{"count":\#(count)}"#.utf8)) }
        try spool.append(.lifecycle, body: SpoolVoid(first: 3, last: 4).body)
        try spool.append(.kernelDenial, body: Array(#"{"count":7}"#.utf8))
        var folder = SpoolFolder(facts("s"))
        #expect(try folder.fold(file(), into: log) == .caughtUp)
        #expect(folder.denials.told == 10)
    }
}
