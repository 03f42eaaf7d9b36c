import Evidence
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct ReceiptDifferenceTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func diff(
        _ before: @escaping (inout LogWriter) throws -> Void, _ after: @escaping (inout LogWriter) throws -> Void,
        custodies: [Custody] = [.daemon, .daemon], json: Bool = false
    ) throws -> CommandRun {
        for (name, custody, body) in [("before", custodies[0], before), ("after", custodies[1], after)] {
            var writer = try LogWriter("\(scratch.path)/\(name)", custody: custody)
            try writer.launch()
            try body(&writer)
            try writer.exit()
            try writer.sign()
        }
        return try CommandRun(
            ["receipts", "diff", scratch.path + "/before", scratch.path + "/after"] + (json ? ["--json"] : []), in: scratch)
    }

    @Test("what says the same is no regression")
    func same() throws {
        let run = try diff({ try $0.call("get_note", "forward") }, { try $0.call("get_note", "forward") })
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output == "nothing that is compared is otherwise\n")
    }

    @Test("what was blocked and is now forwarded is a regression, whatever the arguments were")
    func unblocked() throws {
        let run = try diff({ try $0.call("rm", "block", reason: "D101") }, { try $0.call("rm", "forward", rule: "all") }, json: true)
        #expect(run.status == 1)
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()))
        #expect(
            json["regressions"]
                == [
                    [
                        "code": "laxer", "server": "notes", "what": ["client", "tools/call", "rm"], "before": "blocked",
                        "after": "forwarded",
                    ]
                ])
    }

    @Test("what was held, and is now forwarded without a person, is one; a grant that was used is none")
    func unheld() throws {
        func ask(_ writer: inout LogWriter) throws {
            let held = try writer.gate(.hold, ["arguments": "hmac-sha256:01", "decision": "hold", "rule": "big", "tool": "refund"])
            try writer.gate(.hold, ["hold": JSON(held), "outcome": "granted"])
            try writer.call("refund", "forward", rule: "big")
        }
        let same = try diff({ try ask(&$0) }, { try ask(&$0) })
        #expect(same.status == 0, "\(same.output)")
        let other = try ReceiptDifferenceTests()
        let run = try other.diff(
            { try ask(&$0) },
            {
                try ask(&$0)
                try $0.call("refund", "forward", rule: "small")
            })
        #expect(run.status == 1)
        #expect(run.output.contains("laxer `client` `tools/call` `refund` of `notes`: a person is asked before, now forwarded"))
    }

    @Test("what is stricter, new or gone is listed, and no regression")
    func stricter() throws {
        let run = try diff(
            {
                try $0.call("rm", "forward")
                try $0.call("old", "forward")
            },
            {
                try $0.call("rm", "block", rule: "never", reason: "D102")
                try $0.call("new", "forward")
            })
        #expect(run.status == 0)
        let lines = ["stricter `client` `tools/call` `rm` of `notes`: forwarded before, now blocked", "new-message", "gone-message"]
        for line in lines { #expect(run.output.contains(line), "\(run.output)") }
    }

    @Test("custody by a user, where it was the daemon's, is a regression; the other way round it is none")
    func custody() throws {
        let weaker = try diff({ _ in }, { _ in }, custodies: [.daemon, .user])
        #expect(weaker.status == 1)
        #expect(weaker.output.contains("custody-weaker `custody`: daemon before, now user"))
        let stronger = try ReceiptDifferenceTests().diff({ _ in }, { _ in }, custodies: [.user, .daemon])
        #expect(stronger.status == 0)
        #expect(stronger.output.contains("custody-stronger"))
    }

    @Test("a claim that was observed and is now absent is a regression, and lost denials are")
    func claims() throws {
        let run = try diff(
            { _ in },
            {
                try $0.launch("s2", absent: ["egress.tcp"])
                try $0.state(.kernelDenial, "s2", ["lost": 4])
            })
        #expect(run.status == 1)
        #expect(run.output.contains("claim-lost `denials-of/egress.tcp` of `notes`: observed before, now absent"), "\(run.output)")
        #expect(run.output.contains("claim-lost `all-denials` of `notes`: absent"))
    }

    @Test(
        "new refusals, failed launches, violations, kernel denials and drift are regressions",
        arguments: [
            (.refusal, ["reasons": [["code": "R203"]], "server": "notes"], "new-refusal `R203` of `notes`: 1"),
            (.launch, ["outcome": "failed", "step": "probe"], "new-launch-failure `probe` of `notes`: 1"),
            (
                .lifecycle, ["event": "violation", "fault": "untold-denials", "peer": "gate"],
                "new-violation `gate` `untold-denials` of `notes`: 1"
            ),
            (
                .kernelDenial, ["address": "192.0.2.1", "count": 2, "hook": "connect4", "port": 443, "transport": "tcp"],
                "new-kernel-denial `connect to` `tcp 192.0.2.1:443` of `notes`: 2"
            ),
            (.drift, ["kind": "tool", "name": "get_note", "reason": "D131"], "new-drift `tool` `get_note` of `notes`: 1"),
        ] as [(ReceiptKind, JSONObject, String)])
    func troubles(kind: ReceiptKind, body: JSONObject, line: String) throws {
        let run = try diff({ _ in }, { try $0.state(kind, "s1", body) })
        #expect(run.status == 1)
        #expect(run.output.contains(line), "\(run.output)")
        let gone = try ReceiptDifferenceTests().diff({ try $0.state(kind, "s1", body) }, { _ in })
        #expect(gone.status == 0, "\(gone.output)")
        #expect(gone.output.contains("gone-trouble"))
    }

    @Test("a server that did not run is no regression")
    func absentServer() throws {
        let run = try diff({ try $0.launch("s2", server: "web") }, { _ in })
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("gone-server of `web`") || run.output.contains("gone-server"))
    }

    @Test("a log that does not verify is not compared, exit 1", arguments: ["before", "after"])
    func unverified(which: String) throws {
        _ = try diff({ _ in }, { _ in })
        let path = "\(scratch.path)/\(which)/segments/000000000000.jsonl"
        try CommandRun.write(try #require(SmallFile.text(path)).replacing("agent", with: "other"), to: path)
        for words in [[], ["--json"]] {
            let run = try CommandRun(["receipts", "diff", scratch.path + "/before", scratch.path + "/after"] + words, in: scratch)
            #expect(run.status == 1)
            #expect(run.errors.contains("does not verify"))
            #expect(run.output.contains("unverified") == !words.isEmpty)
        }
        #expect(try CommandRun(["receipts", "diff", scratch.path + "/none", scratch.path + "/after"], in: scratch).status == 5)
    }

    @Test("names that others chose are escaped")
    func hostile() throws {
        let run = try diff({ _ in }, { try $0.state(.refusal, "s2", ["reasons": [["code": "R\u{1b}[2J\u{202e}"]], "server": "a\nb"]) })
        #expect(!run.output.unicodeScalars.contains { $0 != "\n" && Escaping.isHidden($0) })
        #expect(run.output.contains("\\u{1b}"))
    }
}
