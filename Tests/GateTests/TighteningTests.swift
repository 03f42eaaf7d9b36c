import Decision
import Evidence
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// A gate that is held to more while its session runs.
@Suite("a gate that is tightened") struct TighteningTests {
    static func sections(
        _ layers: (String?, ToolsClause)..., messages: MessagesClause = MessagesClause(), number: Int64 = 1,
        callerDecides: Bool = true
    ) -> GateSections {
        GateSections(
            number: number, under: "ab\(number)",
            sections: layers.map { name, tools in
                let id = SHA256.digest(tools.json.encoded() + messages.json.encoded() + Array((name ?? "/").utf8)).hex
                return GateSections.Section(id: id, layer: name, tools: tools.json, messages: messages.json)
            }, approvals: .init(callerDecides: callerDecides))
    }

    static let noSend = ToolsClause(rules: [Rule(id: "no-send", tools: Conversation.patterns("send"), effect: .deny)])
    static let noRefund = ToolsClause(rules: [Rule(id: "no-refund", tools: Conversation.patterns("refund"), effect: .deny)])
    static let send = Conversation.call("7", "send", #"{"to":"a"}"#)

    @Test("what a new layer denies is blocked from the next message on, by the layer's name and under the new document")
    func tightens() throws {
        let gate = try Conversation()
        #expect(gate.client(Conversation.call("6", "send", #"{"to":"a"}"#)).toServer.count == 1)
        let outcome = gate.step(.sections(Self.sections(("company", Self.noSend))))
        #expect(outcome.toDaemon == [.tightened(number: 1)])
        #expect(outcome.records.map { $0["gate"] } == ["tightened"] && outcome.records[0]["under"] == "ab1")
        let blocked = gate.client(Self.send)
        #expect(blocked.toServer.isEmpty && blocked.blocked == "D102")
        #expect(blocked.records[0]["layer"] == "company" && blocked.records[0]["under"] == "ab1")
        let allowed = gate.client(Conversation.call("8", "get_a"))
        #expect(allowed.toServer.count == 1 && allowed.records[0]["under"] == "ab1")
    }

    @Test("a newer layer of the same name, and one that is gone, take nothing back")
    func neverWidens() throws {
        let gate = try Conversation()
        _ = gate.step(.sections(Self.sections(("company", Self.noSend))))
        let wider = ToolsClause(default: .allow, rules: [Rule(id: "yes", tools: Conversation.patterns("*"), effect: .allow)])
        #expect(gate.step(.sections(Self.sections(("company", wider), number: 2))).toDaemon == [.tightened(number: 2)])
        #expect(gate.step(.sections(Self.sections(number: 3))).toDaemon == [.tightened(number: 3)])
        #expect(gate.client(Self.send).blocked == "D102")
        #expect(gate.client(Conversation.call("8", "other")).blocked == "D101")
    }

    @Test("of another version of the policy, what it does not allow is denied, and so are messages that it does not name")
    func anotherPolicy() throws {
        let permits = MessagesClause(prompts: Located(.patterns(Conversation.patterns("a", "b")), at: Conversation.place))
        let gate = try Conversation(messages: MessageRules(policy: permits))
        let prompt = { (id: Int) in #"{"jsonrpc":"2.0","id":\#(id),"method":"prompts/get","params":{"name":"a"}}"# }
        gate.initialize()
        #expect(gate.client(prompt(50)).toServer.count == 1)
        _ = gate.step(.sections(Self.sections((nil, ToolsClause(rules: [Conversation.rules[2]])))))
        #expect(gate.client(Self.send).toServer.count == 1)
        #expect(gate.client(Conversation.call("8", "get_a")).blocked == "D101")
        #expect(gate.client(prompt(51)).blocked == "D110")
    }

    @Test("limits go on counting, and a budget per day of two versions is charged once")
    func spends() throws {
        var limited = Rule(id: "look", tools: Conversation.patterns("get_*"), effect: .allow)
        limited.limit = CallLimit(calls: 2, per: .session)
        var pay = Rule(id: "pay", tools: Conversation.patterns("pay"), effect: .allow)
        pay.budget = Budget(name: "money", of: JSONPointer("/n")!, limit: JSONText(json: Array("10".utf8)), per: .day)
        let gate = try Conversation([limited, pay])
        #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1)
        var less = limited
        less.limit = CallLimit(calls: 5, per: .session)
        var lessPay = pay
        lessPay.budget?.limit = JSONText(json: Array("5".utf8))
        _ = gate.step(.sections(Self.sections((nil, ToolsClause(rules: [less, lessPay])))))
        #expect(gate.client(Conversation.call("2", "get_a")).toServer.count == 1)
        #expect(gate.client(Conversation.call("3", "get_a")).blocked == "D106")
        let asked = gate.client(Conversation.call("4", "pay", #"{"n":4}"#)).toDaemon
        guard asked.count == 1, case .request(_, .lease(let lease)) = asked[0] else {
            Issue.record("\(asked)")
            return
        }
        #expect(lease.charges == [.init(budget: "money", amount: "4")])
        #expect(gate.client(Conversation.call("5", "pay", #"{"n":6}"#)).blocked == "D107")
    }

    @Test("a call that waits for a person is judged anew: what is denied now is answered and nobody is asked any more")
    func judgesHeldAnew() throws {
        let gate = try Conversation()
        let number = try gate.client(Conversation.call("1", "refund", #"{"amount":900}"#)).asked()
        _ = gate.daemon(number, .held(approval: "k7q2m"))
        let still = gate.step(.sections(Self.sections(("company", Self.noSend))))
        #expect(still.toDaemon == [.tightened(number: 1)] && still.toClient.isEmpty)
        let outcome = gate.step(.sections(Self.sections(("company", Self.noRefund), number: 2)))
        #expect(outcome.toDaemon == [.withdraw(number: number), .tightened(number: 2)])
        #expect(outcome.records.compactMap { $0["outcome"] } == ["superseded"] && outcome.reasons == ["D102"])
        #expect(try outcome.answer()["result"]?["isError"] == true)
        #expect(gate.daemon(number, .granted(approval: "k7q2m", by: "ann")).toServer.isEmpty)
    }

    @Test("a call that waits for its part of a budget is decided as if it came now")
    func judgesLeasesAnew() throws {
        var pay = Rule(id: "pay", tools: Conversation.patterns("pay"), effect: .allow)
        pay.budget = Budget(name: "money", of: JSONPointer("/n")!, limit: JSONText(json: Array("10".utf8)), per: .day)
        let gate = try Conversation([pay])
        _ = gate.client(Conversation.call("1", "pay", #"{"n":4}"#))
        let none = ToolsClause(rules: [Rule(id: "none", tools: Conversation.patterns("pay"), effect: .deny)])
        let outcome = gate.step(.sections(Self.sections(("company", none))))
        #expect(outcome.reasons == ["D102"] && outcome.toServer.isEmpty && outcome.toClient.count == 1)
        #expect(gate.daemon(1, .leased).toServer.isEmpty)
    }

    @Test("a message of the server that waits for a person is judged anew")
    func judgesMessagesAnew() throws {
        let asks = MessagesClause(elicitation: Located(.allow, at: Conversation.place), roots: Located(.ask, at: Conversation.place))
        let gate = try Conversation(messages: MessageRules(policy: asks))
        gate.initialize(capabilities: #"{"roots":{}}"#)
        let held = gate.server(#"{"jsonrpc":"2.0","id":9,"method":"roots/list"}"#)
        #expect(held.toClient.isEmpty && held.toDaemon.count == 1)
        let none = MessagesClause(roots: Located(.deny, at: Conversation.place))
        let outcome = gate.step(.sections(Self.sections(("company", ToolsClause()), messages: none)))
        #expect(outcome.toServer.count == 1 && outcome.toServer[0].contains("D110"))
    }

    @Test("sections that cannot be read get no answer, and let nothing through any more")
    func unreadable() throws {
        let gate = try Conversation()
        var bad = Self.sections(("company", Self.noSend))
        bad.sections[0].tools = ["rules": 1]
        let outcome = gate.step(.sections(bad))
        #expect(outcome.toDaemon.isEmpty)
        #expect(gate.client(Conversation.call("8", "get_a")).blocked == "D310")
    }

    @Test("superseded: nothing new passes, what waits is answered, and what was forwarded may still be")
    func supersedes() throws {
        let gate = try Conversation()
        gate.initialize()
        #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1)
        let number = try gate.client(Conversation.call("2", "refund", #"{"amount":1}"#)).asked()
        let outcome = gate.step(.daemon(.superseded))
        #expect(outcome.reasons == ["D310"] && outcome.toDaemon == [.withdraw(number: number)])
        #expect(gate.client(Conversation.call("3", "get_a")).blocked == "D310")
        #expect(gate.step(.daemon(.superseded)).records.isEmpty)
        let result = #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#
        #expect(gate.server(result).toClient == [result])
    }

    @Test("whoever decides in the client's window, and for how long, only becomes less")
    func approvals() throws {
        let gate = try Conversation(callerDecides: false)
        gate.initialize(capabilities: #"{"elicitation":{}}"#)
        _ = gate.step(.sections(Self.sections(callerDecides: true)))
        let number = try gate.client(Conversation.call("2", "refund", #"{"amount":1}"#)).asked()
        #expect(gate.daemon(number, .held(approval: "k7q2m")).toClient.isEmpty)
    }

    @Test("sections are read as they were written")
    func coding() throws {
        let sections = Self.sections(("company", Self.noSend), (nil, Self.noRefund), number: 3)
        #expect(try GateSections(bytes: sections.json.encoded()) == sections)
        for message in [DaemonMessage.sections(number: 3), .superseded] {
            #expect(DaemonMessage(bytes: message.json.encoded()) == message)
        }
        #expect(GateMessage(bytes: GateMessage.tightened(number: 3).json.encoded()) == .tightened(number: 3))
        #expect(throws: GateStartProblem.self) { try GateSections(bytes: Array(#"{"number":1}"#.utf8)) }
    }
}
