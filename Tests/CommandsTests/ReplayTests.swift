import Descriptors
import Evidence
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite("What a changed policy would have decided")
struct ReplayTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private var log: String { scratch.path + "/log" }

    private func write(_ body: (inout LogWriter) throws -> Void) throws {
        var writer = try LogWriter(log)
        try writer.launch()
        try body(&writer)
        try writer.exit()
        try writer.sign()
    }

    private func replay(_ tools: String, _ options: [String] = []) throws -> CommandRun {
        let policy = scratch.path + "/notes.yaml"
        try CommandRun.write("sandboxd: 1\nname: notes\ntools:\n\(tools)", to: policy)
        return try CommandRun(["check", policy, "--replay", log, "--layers", "none"] + options, in: scratch)
    }

    private func json(_ run: CommandRun) throws -> JSON { try JSON(parsing: Array(run.output.utf8.dropLast())) }

    @Test("calls that come out as they did are counted, and are no finding")
    func same() throws {
        try write {
            try $0.call("get_note", "forward", rule: "look")
            try $0.call("rm", "block", reason: "D101")
        }
        let run = try replay("  rules: [{id: look, tools: [get_note], effect: allow}]\n")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("2 recorded calls of 1 session: 2 as then, 0 otherwise, 0 cannot be judged"), "\(run.output)")
    }

    @Test("a call that would be decided otherwise is told with both decisions, the rule and its line")
    func different() throws {
        try write { try $0.call("get_note", "forward", rule: "look") }
        let tools = "  default: allow\n  rules:\n    - {id: never, tools: [\"get_*\"], effect: deny}\n"
        let run = try replay(tools)
        #expect(run.status == 1)
        #expect(run.output.contains("`get_note`: forward (`look`) → block: rule `never` denies it [rule `never`"), "\(run.output)")
        #expect(run.output.contains("notes.yaml:6)]"), "\(run.output)")
        let json = try json(try replay(tools, ["--json"]))
        let first = try #require(json["differences"]?.array?.first)
        #expect(first["before"]?["decision"] == "forward")
        #expect(first["after"]?["decisions"] == ["block"])
        #expect(first["after"]?["rules"]?.array?.first?["line"] == 6)
        #expect(json == (try self.json(try replay(tools, ["--format", "json"]))))
    }

    @Test("where arguments were not kept, a call for which they matter is neither the same nor different")
    func open() throws {
        try write { try $0.call("refund", "forward", rule: "small") }
        let small = "  rules: [{id: small, tools: [refund], effect: allow, when: {argument: /amount, below: 5}}]\n"
        let run = try replay(small)
        #expect(run.status == 0)
        #expect(run.output.contains("0 as then, 0 otherwise, 1 cannot be judged"), "\(run.output)")
        #expect(run.output.contains("1 call of `refund`: the arguments were not kept; they matter to rule `small`"), "\(run.output)")
        let json = try json(try replay(small, ["--json"]))
        #expect(json["cannotBeJudged"]?.array?.first?["arguments"] == "not-kept")
    }

    @Test("what no arguments can change is judged without them")
    func sure() throws {
        try write { try $0.call("refund", "forward", rule: "small") }
        let conditional = "{argument: /amount, below: 5}"
        let cases: [(String, Int32, String)] = [
            // Whatever the condition comes to, somebody is asked first, or it is denied.
            (
                "  rules: [{id: a, tools: [refund], effect: ask}, {id: d, tools: [refund], effect: deny, when: \(conditional)}]\n", 1,
                "→ hold or block"
            ),
            ("  default: allow\n  rules: [{id: a, tools: [refund], effect: allow, when: \(conditional)}]\n", 0, "1 as then"),
            ("  rules: [{id: a, tools: [refund], effect: ask, when: \(conditional)}]\n", 1, "→ hold or block"),
            (
                "  rules: [{id: d, tools: [refund], effect: deny}, {id: a, tools: [refund], effect: allow, when: \(conditional)}]\n", 1,
                "→ block"
            ),
        ]
        for (tools, status, words) in cases {
            let run = try replay(tools)
            #expect(run.status == status, "\(tools)\(run.output)")
            #expect(run.output.contains(words), "\(tools)\(run.output)")
        }
    }

    @Test("a call that a person let pass counts as held, and once")
    func granted() throws {
        try write { writer in
            let held = try writer.gate(
                .hold, ["arguments": "hmac-sha256:01", "decision": "hold", "id": 7, "rule": "big", "tool": "refund"])
            try writer.gate(.hold, ["hold": JSON(held), "outcome": "granted"])
            try writer.gate(
                .decision,
                ["arguments": "hmac-sha256:01", "decision": "forward", "id": 7, "rule": "big", "side": "client", "tool": "refund"])
        }
        let run = try replay("  rules: [{id: big, tools: [refund], effect: ask}]\n")
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("1 recorded call of 1 session: 1 as then"), "\(run.output)")
    }

    @Test("what no rule decided is not judged again, and says why")
    func notByRules() throws {
        try write { try $0.call("refund", "block", reason: "D304") }
        let run = try replay("  default: allow\n")
        #expect(run.status == 0)
        #expect(run.output.contains("(D304)"), "\(run.output)")
    }

    @Test("a refused policy, a log that is not there, and two policies are told apart by the exit status")
    func statuses() throws {
        try write { try $0.call("x", "forward") }
        #expect(try replay("  defaut: allow\n").status == 3)
        let policy = scratch.path + "/good.yaml"
        try CommandRun.write("sandboxd: 1\nname: notes\n", to: policy)
        #expect(try CommandRun(["check", policy, "--replay", scratch.path + "/nowhere"], in: scratch).status == 5)
        #expect(try CommandRun(["check", policy, policy, "--replay", log], in: scratch).status == 2)
        #expect(try CommandRun(["check", policy, "--replay", log, "--format", "sarif"], in: scratch).status == 2)
    }
}
