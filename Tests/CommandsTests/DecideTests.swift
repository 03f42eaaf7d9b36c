import Decision
import Gate
import MCP
import Policy
import StrictJSON
import TestSupport
import Testing

import struct Policy.SourceLocation

@testable import Commands

@Suite struct DecideTests {
    private let directory: ScratchDirectory
    private let policy: String

    private static let text = """
        sandboxd: 1
        name: notes
        tools:
          rules:
            - id: look
              tools: [get_note]
              effect: allow
              arguments: {type: object, required: [title], properties: {title: {type: string}}}
            - id: save
              tools: [save_note]
              effect: allow
              when: {argument: /path, inside: [/srv/notes]}
              limit: {calls: 30, per: minute}
              redact: [/card]
            - {id: refund, tools: [refund], effect: allow, budget: {name: all, of: /amount, limit: 100, per: session}}
            - {id: big, tools: [refund], effect: ask, when: {argument: /amount, above: 50}, labels: {risk: high}}
            - {id: never, tools: ["delete_*"], effect: deny, reason: not here, hidden: true}
        """

    init() throws {
        directory = try ScratchDirectory()
        policy = directory.path + "/notes.yaml"
        try CommandRun.write(Self.text, to: policy)
    }

    private func decide(_ words: String..., input: String = "") throws -> CommandRun {
        try CommandRun(["decide", policy] + words, input: input, in: directory)
    }

    @Test(
        "a call is decided, by the rule that is named, for a reason that has a code",
        arguments: [
            (["get_note", #"{"title":"x"}"#], "forward: rule `look` allows it\n", 0),
            (["get_note"], "block: no rule allows `get_note` with these arguments (D101)\n", 1),
            (["nothing"], "block: no rule allows `nothing` (D101)\n", 1),
            (["save_note", #"{"path":"/srv/notes/a"}"#], "forward: rule `save` allows it\n  masks `/card` before the server sees it\n", 0),
            (["save_note", #"{"path":"/srv/notes/../a"}"#], "block: no rule allows `save_note` with these arguments (D101)\n", 1),
            (["delete_all"], "block: rule `never` denies it: not here (D102)\n  the tool answers as if it did not exist\n", 1),
            (["refund", #"{"amount":51}"#], "hold: rule `big` asks a person first\n", 1),
            (["refund", #"{"amount":10}"#], "forward: rule `refund` allows it\n", 0),
            (["get_note", #"{"title":"x","title":"y"}"#], "block: the arguments are not strict JSON: a name that stands twice", 1),
            (["get_note", "[]"], "block: the arguments are no object (D209)\n", 1),
            (["get_note", #"{"n":12345678901234567890}"#], "block: the number 12345678901234567890 is not read alike", 1),
            (["get note"], "block: a tool name is 1 to 128 characters", 1),
        ] as [([String], String, Int32)])
    func decides(words: [String], beginning: String, status: Int32) throws {
        let run = try CommandRun(["decide", policy] + words, in: directory)
        #expect(run.output.hasPrefix(beginning), "\(run.output)")
        #expect(run.status == status)
    }

    @Test("why other rules of the tool do not apply is said, operator by operator")
    func others() throws {
        #expect(
            try decide("save_note", #"{"path":"/etc/passwd"}"#).output == """
                block: no rule allows `save_note` with these arguments (D101)
                rules of `save_note`:
                  rule `save` (allow) does not apply
                    false: `/path` lies in `/srv/notes`

                """)
        #expect(
            try decide("refund", #"{"amount":51}"#).output.contains("  rule `refund` (allow) applies, and is not the one that decides\n"))
        #expect(try decide("refund", #"{"amount":"51"}"#).output.contains("unknown: `/amount` is above `50`") == false)
    }

    @Test("what is not enforced yet is decided, and named on standard error")
    func notEnforced() throws {
        let run = try decide("get_note", #"{"title":"x"}"#)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty || run.errors.contains("is not enforced by this version yet"))
    }

    @Test("lines of calls are answered by lines of decisions, each on its own")
    func lines() throws {
        let run = try decide(
            input: """
                {"tool":"get_note","arguments":{"title":"x"}}
                {"tool":"refund","arguments":{"amount":50}}

                {"tool":"refund","arguments":{"amount":50}}
                {"tool":"refund","arguments":{"amount":50},"more":1}
                {"tool":"get_note",\t"arguments":{"title":"x"}}
                """)
        let lines = try run.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
        #expect(lines.map { $0["decision"] } == ["forward", "forward", "forward", "block", "block"])
        #expect(lines.map { $0["reason"] } == [nil, nil, nil, "D209", "D203"])
        #expect(lines[1]["budgets"] == [["name": "all", "of": "/amount", "rule": "refund", "per": "session"]])
        #expect(run.status == 1)
        #expect(try decide(input: #"{"tool":"get_note","arguments":{"title":"x"}}"#).status == 0)
    }

    @Test("as JSON a decision has the rule, its layer, what it adds, and an account of each rule of the tool")
    func json() throws {
        let run = try decide("refund", #"{"amount":51}"#, "--json")
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()))
        #expect(json["decision"] == "hold" && json["rule"] == "big" && json["tool"] == "refund")
        #expect(json["labels"] == [["name": "risk", "value": "high"]])
        #expect(json["rules"]?.array?.compactMap { $0["rule"]?.string } == ["refund", "big"])
        #expect(try JSON(parsing: Array(decide("delete_x", "--json").output.utf8.dropLast()))["hidden"] == true)
    }

    @Test("a policy that is refused decides nothing; a policy that is not there neither")
    func refused() throws {
        try CommandRun.write("sandboxd: 1\ntool: {}\n", to: policy)
        let run = try decide("x")
        #expect(run.status == 3 && run.errors.contains("refused[R107]") && run.output.isEmpty)
        #expect(try CommandRun(["decide", directory.path + "/none.yaml", "x"], in: directory).status == 3)
        #expect(try CommandRun(["decide"], in: directory).status == 2)
        #expect(try CommandRun(["decide", policy, "a", "b", "c"], in: directory).status == 2)
    }

    // MARK: The gate

    /// What the gate makes of the same call, as its record says.
    private static func gate(_ rules: ToolsClause, _ tool: String, _ arguments: String) throws -> (String?, String?, String?) {
        let facts = GateFacts(server: "test", policyDigest: "0123", isQuiet: true)
        var state = GateState(rules: try LayeredRules(policy: rules, cwd: "/srv"), facts: facts, commitmentKey: [1])
        var turn = GateTurn()
        let line = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
        state.step(.client, line: Array(line.utf8).span, now: 0, into: &turn)
        let record = try JSON(parsing: Array(turn.recordBytes[try #require(turn.records.first).range]))
        return (record["decision"]?.string, record["reason"]?.string, record["rule"]?.string)
    }

    private static let place = SourceLocation(file: "p.yaml", line: 1, column: 1)

    @Test("whatever the rules and the call, the gate decides the same", arguments: [1, 2, 3, 4] as [UInt64])
    func equalsGate(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<150 {
            let clause = try Self.rules(&random)
            var judge = try CallJudge(clause, at: Self.place, cwd: "/srv")
            let tool = ["get", "set", "get note", "refund"].randomElement(using: &random) ?? "get"
            let arguments = Self.arguments.randomElement(using: &random) ?? "{}"
            let judged = judge.judge(tool: Array(tool.utf8), arguments: Array(arguments.utf8))
            let (word, reason, rule) = try Self.gate(clause, tool, arguments)
            #expect(word == judged.word && reason == judged.reason?.code, "seed \(seed): \(tool) \(arguments) \(clause)")
            if judged.isForwarded { #expect(rule == judged.by?.text) }
        }
    }

    private static let arguments = [
        "{}", #"{"path":"/srv/a"}"#, #"{"path":"../a"}"#, #"{"amount":7}"#, #"{"amount":70}"#, #"{"amount":"7"}"#, #"{"amount":-1}"#,
        #"{"amount":1e400}"#, #"{"PATH":"/srv/a"}"#, #"{"path":"/srv","amount":3}"#, #"{"path":1,"card":"x","Card":"y"}"#,
    ]

    private static func rules(_ random: inout SeededGenerator) throws -> ToolsClause {
        let path = try #require(JSONPointer("/path")), amount = try #require(JSONPointer("/amount")),
            card = try #require(JSONPointer("/card"))
        let number = JSONText(json: Array("10".utf8))
        let conditions: [Condition?] = [
            nil, nil, .argument(path, [.inside(["/srv"])]), .argument(amount, [.below(number)]), .not(.argument(path, [.exists(true)])),
            .any([.argument(amount, [.above(number)]), .argument(path, [.startsWith("/")])]),
        ]
        var rules: [Rule] = []
        for index in 0..<Int.random(in: 0...4, using: &random) {
            rules.append(
                Rule(
                    id: "r\(index)", tools: [try #require(ToolPattern(["get", "*", "re*", "set"].randomElement(using: &random) ?? "*"))],
                    effect: Effect.allCases.randomElement(using: &random) ?? .deny, when: conditions.randomElement(using: &random) ?? nil,
                    limit: Bool.random(using: &random) ? CallLimit(calls: 1, per: .minute) : nil,
                    budget: Bool.random(using: &random) ? Budget(name: "b\(index)", of: amount, limit: number, per: .session) : nil,
                    redact: Bool.random(using: &random) ? [card] : []))
        }
        return ToolsClause(default: Effect.allCases.randomElement(using: &random), rules: rules)
    }
}
