import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

@Suite struct WireSuiteTests {
    /// As Tests/Integration/policies/wire.yaml has it.
    private static func rules() throws -> [Rule] {
        let path = try #require(JSONPointer("/path")), number = try #require(JSONPointer("/n"))
        return [
            Rule(id: "ok", tools: Conversation.patterns("ok"), effect: .allow),
            Rule(id: "never", tools: Conversation.patterns("never"), effect: .deny),
            Rule(
                id: "echo", tools: Conversation.patterns("echo"), effect: .allow,
                when: .all([
                    .argument(path, [.inside(["/app"])]),
                    .any([
                        .not(.argument(number, [.exists(true)])), .argument(number, [.atLeast(JSONText(json: Array("0".utf8)))]),
                    ]),
                ])),
        ]
    }

    private static func begun(_ version: ProtocolVersion) throws -> Conversation {
        let messages = MessagesClause(sampling: Located(.ask, at: Conversation.place))
        let gate = try Conversation(rules(), messages: MessageRules(policy: messages))
        if version.era == .legacy { gate.initialize(version.rawValue, capabilities: #"{"sampling":{}}"#) }
        return gate
    }

    private static func play(_ step: WireCase.Step, _ gate: Conversation) -> Conversation.Outcome {
        switch step.input {
        case .line(let side, let line) where line.count > 1 << 20: gate.step(.tooLong(side, Array(line.prefix(1 << 20))))
        case .line(let side, let line): gate.step(side, line)
        case .unfinished(let bytes): gate.step(.unterminated(.client, bytes))
        }
    }

    @Test("what comes out of the gate is what the suite says, and the session lives on", arguments: WireCase.all)
    func plays(_ one: WireCase) throws {
        #expect(!one.steps.isEmpty)
        let gate = try Self.begun(one.version)
        for (number, step) in one.steps.enumerated() {
            let outcome = Self.play(step, gate)
            Self.compare(outcome.toServer, step.toServer, "step \(number + 1), to the server")
            Self.compare(outcome.toClient, step.toClient, "step \(number + 1), to the client")
            #expect(outcome.reasons == step.reasons, "step \(number + 1)")
            for line in outcome.toServer + outcome.toClient {
                #expect(try OfficialSchema.of(one.version).faults(in: line) == [], "\(line.prefix(400))")
            }
        }
        let last = gate.client(Conversation.call("\"the last\"", "ok", era: one.version.era))
        #expect(last.toServer.count == 1)
        let answer = gate.server(#"{"jsonrpc":"2.0","id":"the last","result":{"content":[]}}"#)
        #expect(answer.toClient.count == 1)
    }

    private static func compare(_ lines: [String], _ expected: [WireAnswer], _ place: String) {
        #expect(lines.count == expected.count, "\(place): \(lines)")
        for (line, answer) in zip(lines, expected) {
            if let fault = answer.fault(in: line) { Issue.record("\(place): \(fault): \(line.prefix(600))") }
        }
    }

    @Test(
        "what is not valid by the schemas is found",
        arguments: [
            (ProtocolVersion.november2025, #"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}"#),
            (.november2025, #"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}"#),
            (.november2025, #"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":7}}}"#),
            (.november2025, #"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t","status":"done"}}"#),
            (.november2025, #"[{"jsonrpc":"2.0","id":1,"result":{}}]"#), (.june2025, #"{"jsonrpc":"2.0","result":{}}"#),
            (.march2025, #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"x"}]}}"#),
            (.november2024, #"{"jsonrpc":"1.0","id":1,"result":{}}"#),
            (.july2026, #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#),
            (.july2026, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"x","data":{"requested":"y"}}}"#),
        ])
    func finds(_ version: ProtocolVersion, _ line: String) throws {
        #expect(try !OfficialSchema.of(version).faults(in: line).isEmpty)
    }

    @Test("the suite is there")
    func isThere() {
        #expect(WireCase.all.count > 500)
        #expect(Set(WireCase.all.map(\.topic)).count >= 6)
    }
}
