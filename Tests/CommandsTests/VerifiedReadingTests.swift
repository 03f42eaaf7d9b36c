import Evidence
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct VerifiedReadingTests {
    /// What reading a log again says after `change` was made to it.
    private func isUnchanged(_ change: (_ log: String) throws -> Void) throws -> Bool {
        let scratch = try ScratchDirectory()
        let log = try scratch.eventfulLog()
        let verification = verify(directory: log)
        #expect(verification.isGood)
        try change(log)
        var reading = VerifiedReading(verification, of: log)
        try ReceiptLines(path: log).read { reading.goesOn(to: $0) }
        return reading.isUnchanged
    }

    private func rewrite(_ log: String, _ change: (String) -> String) throws {
        let path = "\(log)/segments/000000000008.jsonl"
        try CommandRun.write(change(try #require(SmallFile.text(path))), to: path)
    }

    @Test("what is still as it was verified is the same, also when more came meanwhile")
    func same() throws {
        #expect(try isUnchanged { _ in })
        let isSame = try isUnchanged { log in
            let line = try #require(SmallFile.text("\(log)/segments/000000000008.jsonl")?.split(separator: "\n").last)
            try CommandRun.write(
                String(line).replacing("\"number\":15", with: "\"number\":16") + "\n", to: "\(log)/segments/000000000016.jsonl")
        }
        #expect(isSame)
    }

    @Test("what was changed, cut or moved after it was verified is not")
    func changed() throws {
        #expect(try !isUnchanged { log in try rewrite(log) { $0.replacing("192.0.2.1", with: "192.0.2.2") } })
        #expect(try !isUnchanged { log in try rewrite(log) { $0.split(separator: "\n").dropLast().map { $0 + "\n" }.joined() } })
        #expect(try !isUnchanged { log in try rewrite(log) { $0.split(separator: "\n").dropFirst().map { $0 + "\n" }.joined() } })
        #expect(try !isUnchanged { log in try rewrite(log) { $0.split(separator: "\n").reversed().map { $0 + "\n" }.joined() } })
        #expect(try !isUnchanged { log in try rewrite(log) { "{}\n" + $0 } })
    }

    @Test("what retention left of a log is shown, reported and compared, and what it removed is said to be missing")
    func retained() throws {
        let scratch = try ScratchDirectory()
        let log = scratch.path + "/log"
        var writer = try LogWriter(log)
        try writer.state(.launch, "s1", ["keep": 60, "outcome": "released", "server": "notes"])
        for _ in 0..<10 { try writer.call("get_note", "forward", rule: "look") }
        try writer.exit()
        try writer.sign()
        let removed = try writer.retain()
        #expect(removed > 10)
        #expect(verify(directory: log).isGood)
        let report = try CommandRun(["receipts", "report", log], in: scratch)
        #expect(report.status == 0, "\(report.output.prefix(400))")
        #expect(report.output.contains("- receipts that are not here, but their hashes: \(removed)\n"))
        #expect(report.output.contains("of a log with"))
        #expect(try CommandRun(["receipts", "diff", log, log], in: scratch).status == 0)
        #expect(try CommandRun(["receipts", "show", log], in: scratch).status == 0)
    }
}
