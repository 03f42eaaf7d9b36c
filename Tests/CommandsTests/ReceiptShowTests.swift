import Evidence
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct ReceiptShowTests {
    private func show(_ words: String...) throws -> [String] {
        let scratch = try ScratchDirectory()
        let run = try CommandRun(["receipts", "show", try scratch.eventfulLog()] + words, in: scratch)
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n").map(String.init)
    }

    @Test("what came of a decision stands in its row, with status and duration")
    func joined() throws {
        let rows = try show()
        let row = try #require(rows.first { $0.contains("get_note") && $0.contains("forward") })
        #expect(row.hasSuffix("forward `get_note`: rule `look` → result in 3.2 ms"))
        #expect(row.contains("2026-01-31T08:05:"))
        #expect(!rows.contains { $0.contains(" outcome ") }, "each is near its decision")
    }

    @Test("an outcome that comes much later has a row of its own, which names the decision")
    func separate() throws {
        var table = ReceiptTable(ReceiptTableLayout(columns: nil, style: .plain), signedSize: 100, window: 0)
        let decision = try ReceiptRecord(
            .decision, number: 41, spoolNumber: 7, ["decision": "forward", "rule": "look", "tool": "get_note"])
        let outcome = try ReceiptRecord(
            .outcome, number: 50, spoolNumber: 9, ["decision": 7, "isError": true, "microseconds": 1_500_000, "status": "result"])
        _ = table.add(decision)
        #expect((table.add(outcome) + table.finish()).hasSuffix("of 41 `get_note`: tool error in 1.5 s\n"))
    }

    @Test("outcomes alone name the decisions that they are of")
    func outcomesAlone() throws {
        let rows = try show("--kind", "outcome")
        #expect(rows.count == 4)
        #expect(rows[1].hasSuffix("of 2 `get_note`: result in 3.2 ms"), "\(rows)")
    }

    @Test("what no checkpoint signs is pending")
    func pending() throws {
        var table = ReceiptTable(ReceiptTableLayout(columns: nil, style: .plain), signedSize: 5, window: 0)
        #expect(table.add(try ReceiptRecord(.exit, number: 4, [:])).contains("pending") == false)
        #expect(table.add(try ReceiptRecord(.exit, number: 5, [:])).hasSuffix("(pending)\n"))
    }

    @Test(
        "each filter takes what it says, and what came of it",
        arguments: [
            (["--tool", "delete_all"], 2), (["--tool", "get_note"], 2), (["--decision", "block"], 2), (["--decision", "hold"], 2),
            (["--rule", "look"], 1),
            (["--rule", "R203"], 1), (["--rule", "D131"], 1), (["--kind", "exit"], 1), (["--session", "s2"], 1),
            (["--session", "nobody"], 0),
            (["--server", "web"], 1), (["--client", "agent"], 12), (["--client", "1001"], 1), (["--client", "77"], 11),
            (["--client", "observed"], 0), (["--client", "claude"], 11), (["--client", "/opt/claude"], 11),
            (["--tool", "fetch"], 2),
            (["--from", "2026-01-31T08:05:15"], 1), (["--to", "2026-01-31T08:05:01"], 2), (["--from", "2027"], 0),
            (["--to", "2025-12"], 0),
        ] as [([String], Int)])
    func filters(words: [String], rows: Int) throws {
        let scratch = try ScratchDirectory()
        let run = try CommandRun(["receipts", "show", try scratch.eventfulLog()] + words, in: scratch)
        #expect(run.output.split(separator: "\n").count == (rows == 0 ? 0 : rows + 1), "\(words): \(run.output)")
    }

    @Test("--json gives the lines of the log, byte for byte, and outcomes with the decisions that were asked for")
    func json() throws {
        let scratch = try ScratchDirectory()
        let log = try scratch.eventfulLog()
        var lines: [String] = []
        try ReceiptSource(log).read { line in
            lines.append(String(decoding: line.line, as: UTF8.self))
            return true
        }
        let all = try CommandRun(["receipts", "show", log, "--json"], in: scratch)
        #expect(all.output == lines.map { $0 + "\n" }.joined())
        let some = try CommandRun(["receipts", "show", log, "--json", "--tool", "fetch"], in: scratch)
        #expect(
            some.output.split(separator: "\n").map(String.init)
                == lines.filter { $0.contains("\"fetch\"") || $0.contains("connect4") || $0.contains("\"decision\":9,") })
    }

    @Test("a time that is none is a usage error")
    func badTime() throws {
        let scratch = try ScratchDirectory()
        for text in ["yesterday", "2026-1-1", "2026-01-31 08:05", "2026-01-31T08:05:00+01:00", ""] {
            #expect(try CommandRun(["receipts", "show", "x", "--from", text], in: scratch).status == 2, "\(text)")
        }
    }

    @Test("names from others cannot move the cursor, nor turn what is around them")
    func hostile() throws {
        let record = try ReceiptRecord(
            .decision, ["decision": "block", "reason": "D101", "side": "client", "tool": "a\u{1b}[31m\u{202e}b\n\u{9b}c\u{7}"])
        for columns in [nil, 80, 140] {
            var table = ReceiptTable(ReceiptTableLayout(columns: columns, style: .plain), signedSize: 0, window: 0)
            let text = table.add(record)
            #expect(!text.unicodeScalars.contains { $0 != "\n" && Escaping.isHidden($0) })
            #expect(text.contains("\\u{1b}"))
        }
    }

    @Test("on a terminal no line is wider than it", arguments: [60, 80, 110, 140])
    func widths(columns: Int) throws {
        let scratch = try ScratchDirectory()
        var table = ReceiptTable(ReceiptTableLayout(columns: columns, style: .plain), signedSize: 0, window: 4)
        var text = table.header
        let long = try ReceiptRecord(
            .decision, number: 99, ["decision": "block", "reason": "D101", "tool": .string(String(repeating: "長い", count: 80))])
        text += table.add(long)
        try ReceiptLines(path: try scratch.eventfulLog()).read { item in
            if case .receipt(let record) = item { text += table.add(record) }
            return true
        }
        text += table.finish()
        for line in text.split(separator: "\n") { #expect(TextWidth.columns(String(line)) <= columns, "\(line)") }
    }

    @Test("what is no receipt is said, and the rest is shown")
    func foreign() throws {
        let scratch = try ScratchDirectory()
        let log = try scratch.eventfulLog()
        try CommandRun.write("{\"number\":1}\n", to: "\(log)/segments/000000000016.jsonl")
        let run = try CommandRun(["receipts", "show", log], in: scratch)
        #expect(run.status == 1)
        #expect(run.errors.contains("not a receipt: `{\"number\":1}`"))
        #expect(run.output.contains("get_note"))
        #expect(try CommandRun(["receipts", "show", scratch.path + "/none"], in: scratch).status == 5)
    }

    @Test(
        "lengths of time have few digits",
        arguments: [
            (0, "0 µs"), (999, "999 µs"), (1_000, "1 ms"), (3_240, "3.2 ms"), (999_999, "999 ms"), (1_240_000, "1.2 s"),
            (123_000_000, "2 min 3 s"),
            (3_600_000_000, "1 h"), (90_000_000_000, "1 d 1 h"),
        ] as [(UInt64, String)])
    func durations(microseconds: UInt64, words: String) { #expect(Duration.words(microseconds: microseconds) == words) }
}

@Suite struct BoundedMemoryTests {
    @Test("the oldest are forgotten, and memory stays bounded")
    func bounded() {
        var memory = BoundedMemory<Int, Int>(capacity: 10)
        for number in 0..<1_000 {
            memory.set(number, number * 2)
            if number.isMultiple(of: 3) { memory.remove(number) }
            #expect(memory.count <= 10)
        }
        #expect(memory[998] == 1_996)
        #expect(memory[999] == nil)
        #expect(memory[1] == nil)
    }

    @Test("what is set again keeps its age")
    func again() {
        var memory = BoundedMemory<Int, Int>(capacity: 2)
        memory.set(1, 1)
        memory.set(2, 2)
        memory.set(1, 10)
        memory.set(3, 3)
        #expect(memory[1] == nil)
        #expect(memory[2] == 2)
    }
}
