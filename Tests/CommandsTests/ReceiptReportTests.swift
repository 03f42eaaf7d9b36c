import StrictJSON
import TestSupport
import Testing

@testable import Commands
@testable import Evidence

@Suite struct ReceiptReportTests {
    private func report(_ words: String..., custody: Custody = .daemon) throws -> CommandRun {
        let scratch = try ScratchDirectory()
        return try CommandRun(["receipts", "report", try scratch.eventfulLog(custody: custody)] + words, in: scratch)
    }

    private func sections(_ words: String...) throws -> [String: JSON] {
        let scratch = try ScratchDirectory()
        let run = try CommandRun(["receipts", "report", try scratch.eventfulLog(), "--format", "json"] + words, in: scratch)
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()))
        return Dictionary(uniqueKeysWithValues: try #require(json["sections"]?.array).map { ($0["id"]?.string ?? "", $0["rows"] ?? .null) })
    }

    @Test("the first line says who kept the log, and that it verified", arguments: ["markdown", "html", "json"])
    func verdict(format: String) throws {
        let run = try report("--format", format)
        #expect(run.status == 0, "\(run.errors)")
        let line = "Kept by the system&#39;s sandboxd. Verified: 16 receipts of 2 sessions, 16 signed."
        let words = format == "html" ? line : line.replacing("&#39;", with: "'")
        let first = run.output.split(separator: "\n").first { format != "html" || $0.contains("class=\"verdict") }
        #expect(first?.contains(words) == true, "\(String(describing: first))")
    }

    @Test("of a user's log it is said that the user could have written it", arguments: ["markdown", "html", "json"])
    func userCustody(format: String) throws {
        #expect(try report("--format", format, custody: .user).output.contains("could have written all of it"))
    }

    @Test("a log that does not verify is said to be none in the first line, exit 1", arguments: ["markdown", "html", "json"])
    func unverified(format: String) throws {
        let scratch = try ScratchDirectory()
        let log = try scratch.eventfulLog()
        let path = "\(log)/segments/000000000000.jsonl"
        let text = try #require(SmallFile.text(path))
        try CommandRun.write(text.replacing("get_note", with: "got_note"), to: path)
        let run = try CommandRun(["receipts", "report", log, "--format", format], in: scratch)
        #expect(run.status == 1)
        let first = run.output.split(separator: "\n").first { format != "html" || $0.contains("class=\"verdict") }
        #expect(first?.contains("NOT VERIFIED (1 finding): nothing below is evidence.") == true, "\(String(describing: first))")
        #expect(run.output.contains("root-mismatch"))
        if format == "html" { #expect(run.output.contains("<title>NOT VERIFIED")) }
    }

    @Test("by a key that is not the log's nothing verifies; what is no key is a usage error")
    func foreignKey() throws {
        let other = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32))).verifier
        let run = try report("--key", other.text)
        #expect(run.status == 1)
        #expect(run.output.hasPrefix("**NOT VERIFIED"))
        let usage = try report("--key", "nobody+00000000+AQ==")
        #expect(usage.status == 2)
        #expect(usage.output.isEmpty)
    }

    @Test("the same log gives the same bytes", arguments: ["markdown", "html", "json"])
    func deterministic(format: String) throws {
        #expect(try report("--format", format).output == report("--format", format).output)
    }

    @Test("it counts what the log has")
    func counts() throws {
        let sections = try sections()
        #expect(
            sections["denials"]
                == [
                    [
                        "what": "delete_all", "server": "notes", "code": "D101", "reason": .string(CodePages.page("D101")?.title ?? ""),
                        "by": .null, "count": 2,
                    ]
                ])
        #expect(sections["refusals"]?.array?.map { $0["code"] } == ["R203"])
        #expect(
            sections["kernel-denials"]
                == [["destination": "tcp 192.0.2.1:443", "act": "connect to", "server": "notes", "mechanism": "connect-hooks", "count": 3]])
        #expect(
            sections["servers"]?.array?.first
                == ["server": "notes", "sessions": 1, "forward": 3, "hold": 1, "block": 2, "kernel": 3, "refusals": 0])
        #expect(sections["outcomes"] == [["status": "result", "count": 3]])
        #expect(sections["drifts"]?.array?.first?["name"] == "get_note")
    }

    @Test("each claim has its level")
    func claims() throws {
        let rows = try #require(try sections()["claims"]?.array)
        let levels = rows.map { "\($0["level"]?.string ?? "?") \($0["id"]?.string ?? "?") \($0["count"]?.int64 ?? -1)" }
        for expected in [
            "observed decisions 6", "observed launches 1", "observed denials-of/egress.tcp 1", "inferred attribution 3",
            "reported outcomes 3",
            "absent denials-of/files 1", "absent contents 8", "absent documents 1",
        ] { #expect(levels.contains(expected), "\(expected) in \(levels)") }
        #expect(!levels.contains { $0.contains("signatures") }, "all is signed")
    }

    @Test("a control without receipts has no evidence, and none is said to be complied with")
    func controls() throws {
        let rows = try #require(try sections()["owasp-mcp-top-10"]?.array)
        let support = Dictionary(uniqueKeysWithValues: rows.map { ($0["id"]?.string ?? "", $0["support"]?.string ?? "") })
        #expect(support["MCP08:2025"]?.hasSuffix("16 receipts under signed checkpoints") == true)
        #expect(support["MCP03:2025"] == "1 definitions that differ from the accepted ones")
        let empty = try ScratchDirectory()
        let writer = try LogWriter(empty.path + "/log")
        try writer.sign()
        let run = try CommandRun(["receipts", "report", empty.path + "/log"], in: empty)
        #expect(run.output.contains("| MCP03:2025 | Tool Poisoning | no evidence in this log |"))
        for text in [run.output, try report().output] { #expect(!text.lowercased().contains("compliant")) }
    }

    @Test("it is narrowed to a server, a session or a time, and says so; all of it is verified")
    func narrowed() throws {
        let run = try report("--server", "web")
        #expect(run.output.contains("- only server: `web`"))
        #expect(run.output.contains("- receipts in this report: 1\n"))
        #expect(run.output.contains("Verified: 16 receipts"))
        #expect(try report("--from", "2027").output.contains("- first of them: –"))
    }

    @Test("--output writes a file, and one that cannot be written is an error")
    func output() throws {
        let scratch = try ScratchDirectory()
        let log = try scratch.eventfulLog()
        let run = try CommandRun(["receipts", "report", log, "--output", scratch.path + "/report.md"], in: scratch)
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(SmallFile.text(scratch.path + "/report.md") == (try CommandRun(["receipts", "report", log], in: scratch)).output)
        #expect(try CommandRun(["receipts", "report", log, "--output", scratch.path + "/no/report"], in: scratch).status == 2)
        #expect(try CommandRun(["receipts", "report", scratch.path + "/none"], in: scratch).status == 5)
    }
}

@Suite struct HostileReportTests {
    private static let names = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a](javascript:alert(1))", "![x](http://192.0.2.1/x)",
        "`code` | cell | `",
        "a\u{202e}b\u{2066}c", "e\u{1b}[31mf\u{9b}0m", "line\nbreak\r| x |", "&lt;b&gt;&amp;", "</title></style></svg>", "'onload='x", "  ",
        "``", "אבג",
        "\u{0}\u{7f}",
    ]

    private func report(_ format: String) throws -> String {
        let scratch = try ScratchDirectory()
        var writer = try LogWriter(scratch.path + "/log")
        for (index, name) in Self.names.enumerated() {
            let session = "s\(index)"
            try writer.launch(session, server: name, client: name, absent: [name])
            try writer.call(name, "block", reason: name, session: session)
            try writer.call(name, "forward", rule: name, session: session)
            try writer.gate(.kernelDenial, ["act": .string(name), "count": 1, "path": .string(name)], session: session)
            try writer.gate(.drift, ["kind": .string(name), "name": .string(name), "reason": .string(name)], session: session)
            try writer.gate(.outcome, ["decision": 99, "status": .string(name)], session: session)
            try writer.state(.lifecycle, session, ["event": .string(name), "error": .string(name)])
            try writer.state(.exit, session, ["first": .string(name), "server": .string(name)])
            try writer.state(.refusal, "r\(index)", ["reasons": [["code": .string(name)]], "server": .string(name)])
        }
        try writer.sign()
        let run = try CommandRun(["receipts", "report", scratch.path + "/log", "--format", format], in: scratch)
        #expect(run.status == 0)
        return run.output
    }

    @Test("HTML has no element, attribute or hidden character of others")
    func html() throws {
        let page = try report("html")
        let tags = page.matches(of: /<\/?([a-zA-Z!][a-zA-Z0-9]*)/).map { String($0.output.1).lowercased() }
        let own: Set = [
            "!doctype", "html", "head", "meta", "title", "style", "body", "header", "p", "h1", "dl", "dt", "dd", "nav", "ul", "li", "a",
            "main",
            "section", "h2", "div", "table", "thead", "tbody", "tr", "th", "td", "code", "bdi", "span", "svg", "desc", "text", "rect",
            "line",
        ]
        #expect(Set(tags).subtracting(own).isEmpty, "\(Set(tags).subtracting(own))")
        #expect(!page.unicodeScalars.contains { $0 != "\n" && Escaping.isHidden($0) })
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("\\u{202e}"))
        // Nothing is fetched: no address stands in an attribute but the page's own sections.
        for match in page.matches(of: /(href|src|xlink:href|action)="([^"]*)"/) { #expect(match.output.2.hasPrefix("#")) }
        #expect(!page.contains("url(") && !page.contains("@import"))
        for name in ["<script", "<img", "<iframe", "<link"] { #expect(!page.lowercased().contains(name)) }
    }

    @Test("every chart has a title and a description, and its table beside it")
    func accessible() throws {
        let page = try report("html")
        let charts = page.matches(of: /<svg[^>]*aria-labelledby="([a-z-]+)-title/).map { String($0.output.1) }
        #expect(charts == ["timeline", "denials", "refusals", "kernel-denials"])
        for id in charts {
            #expect(page.contains("<title id=\"\(id)-title\">") && page.contains("<desc id=\"\(id)-text\">"))
            let rest = page[try #require(page.firstRange(of: "<title id=\"\(id)-title\">")).upperBound...]
            #expect(rest.firstRange(of: "<table>")!.lowerBound < rest.firstRange(of: "</section>")!.lowerBound)
        }
    }

    @Test("Markdown has foreign names in code spans that nothing in them can end")
    func markdown() throws {
        let text = try report("markdown")
        #expect(!text.unicodeScalars.contains { $0 != "\n" && Escaping.isHidden($0) })
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        for row in rows { #expect(row.count { $0 == "`" }.isMultiple(of: 2), "\(row)") }
        for line in text.split(separator: "\n") {
            // What is left without the code spans is ours.
            let outside = line.replacing(/`[^`]*`/, with: "")
            for mark in ["<script", "](", "![", "javascript:", "<img", "http://"] { #expect(!outside.contains(mark), "\(line)") }
        }
    }

    @Test("each row of a table has the columns of its head")
    func cells() throws {
        var columns = 0
        for line in try report("markdown").split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                columns = 0
                continue
            }
            let count = line.replacing(/\\\|/, with: "").count { $0 == "|" }
            if columns == 0 { columns = count }
            #expect(count == columns, "\(line)")
        }
    }
}

@Suite struct ReportPartsTests {
    @Test("a tally is exact as long as it has room, and says when it is not")
    func tally() {
        var tally = BoundedTally(capacity: 10)
        for number in 0..<10 { tally.add(["\(number)"]) }
        #expect(tally.isExact)
        for _ in 0..<100 { tally.add(["often", "x"]) }
        for number in 0..<1_000 { tally.add(["rare \(number)"]) }
        #expect(!tally.isExact)
        #expect(tally.names <= 10)
        #expect(tally.total == 1_110)
        let first = tally.top(1).first
        #expect(first?.parts == ["often", "x"])
        #expect((90...100).contains(first?.count ?? 0), "at least what is shown, and never more than there was")
    }

    @Test("names that only look alike are counted apart")
    func bytes() {
        var tally = BoundedTally()
        tally.add(["caf\u{e9}"])
        tally.add(["cafe\u{301}"])
        #expect(tally.names == 2)
    }

    @Test("a timeline keeps its count whatever time it covers, in few steps")
    func timeline() {
        var timeline = DecisionTimeline()
        let times = ["1999-12-31T23:59:59", "2026-01-31T08:05:00", "2026-01-31T08:05:01", "2026-02-01T00:00:00", "2031-07-01T12:00:00"]
        for time in times { timeline.add("forward", at: time + ".000000Z") }
        timeline.add("block", at: "2026-01-31T08:05:00.000000Z")
        #expect(timeline.all.count <= 60)
        #expect(timeline.all.reduce(0) { $0 + $1.counts.forward } == 5)
        #expect(timeline.all.reduce(0) { $0 + $1.counts.block } == 1)
    }

    @Test(
        "seconds of a receipt's time are those of the calendar",
        arguments: [
            ("1970-01-01T00:00:00.000000Z", 0), ("2000-02-29T00:00:00.000000Z", 951_782_400),
            ("2026-01-31T08:05:00.000123Z", 1_769_846_700),
            ("2100-03-01T00:00:00.000000Z", 4_107_542_400),
        ])
    func seconds(time: String, seconds: Int) {
        #expect(DecisionTimeline.seconds(time) == seconds)
        #expect(Timestamp(nanoseconds: UInt64(seconds) * 1_000_000_000).text.prefix(19) == time.prefix(19))
    }

    @Test(
        "parts of a hundred are exact to two digits",
        arguments: [(1, 3, "33.33%"), (3, 3, "100.00%"), (0, 5, "0.00%"), (1, 0, "0%"), (1, 200, "0.50%")] as [(UInt64, UInt64, String)])
    func percents(part: UInt64, whole: UInt64, text: String) { #expect(ReportSVG.percent(part, of: whole) == text) }

    @Test("the control map names each control once, with a title and what is open")
    func controlMap() {
        #expect(
            ControlMap.frameworks.map(\.id) == [
                "owasp-mcp-top-10", "owasp-agentic-2026", "mitre-atlas", "nist-ai-rmf-1.0", "eu-ai-act", "eu-dora",
            ])
        for framework in ControlMap.frameworks {
            #expect(Set(framework.controls.map(\.id)).count == framework.controls.count)
            for control in framework.controls { #expect(!control.title.isEmpty && !control.open.isEmpty) }
        }
        #expect(ControlMap.owaspMCP.controls.map(\.id) == (1...10).map { "MCP\($0 < 10 ? "0" : "")\($0):2025" })
        #expect(ControlMap.owaspAgentic.controls.map(\.id) == (1...10).map { "ASI\($0 < 10 ? "0" : "")\($0)" })
        #expect(ControlMap.atlas.controls.allSatisfy { $0.id.wholeMatch(of: /AML\.[TM]0[0-9]{3}/) != nil })
    }
}
