import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// What rules ask for besides an effect, as clients and servers see it.
@Suite struct RuleTests {
    private static func pointer(_ text: String) throws -> JSONPointer { try #require(JSONPointer(text)) }

    private static func rule(_ id: String, _ effect: Effect = .allow, _ change: (inout Rule) throws -> Void = { _ in }) rethrows -> Rule {
        var rule = Rule(id: id, tools: Conversation.patterns("pay"), effect: effect)
        try change(&rule)
        return rule
    }

    @Test("a condition decides by the arguments")
    func condition() throws {
        let small = try Self.rule("small") {
            $0.when = .argument(try Self.pointer("/amount"), [.atMost(JSONText(json: Array("500".utf8)))])
        }
        let gate = try Conversation([small])
        #expect(gate.client(Conversation.call("1", "pay", #"{"amount":500}"#)).toServer.count == 1)
        #expect(gate.client(Conversation.call("2", "pay", #"{"amount":500.01}"#)).blocked == "D101")
        #expect(gate.client(Conversation.call("3", "pay", #"{"amount":"1"}"#)).blocked == "D101")
        #expect(gate.client(Conversation.call("4", "pay", #"{"Amount":1}"#)).blocked == "D101")
    }

    @Test("relative paths begin where the server does")
    func directory() throws {
        let inside = try Self.rule("in") { $0.when = .argument(try Self.pointer("/p"), [.inside(["/srv/notes"])]) }
        let gate = try Conversation([inside])
        #expect(gate.client(Conversation.call("1", "pay", #"{"p":"a/b"}"#)).toServer.count == 1)
        #expect(gate.client(Conversation.call("2", "pay", #"{"p":"../b"}"#)).blocked == "D101")
    }

    @Test("a masked value does not reach the server; the commitment is over what the client sent")
    func redacts() throws {
        let masks = try Self.rule("mask") { $0.redact = [try Self.pointer("/card"), try Self.pointer("/a/0"), try Self.pointer("/none")] }
        let gate = try Conversation([masks])
        let masked = gate.client(Conversation.call("1", "pay", #"{"b":1,"card":{"n":"4111"},"a":[[1],"x"]}"#))
        #expect(masked.toServer == [Conversation.call("1", "pay", #"{"b":1,"card":"[redacted]","a":["[redacted]","x"]}"#)])
        #expect(masked.records[0]["masked"] == 2)
        let plain = try Conversation([Self.rule("plain")]).client(
            Conversation.call("1", "pay", #"{"b":1,"card":{"n":"4111"},"a":[[1],"x"]}"#))
        #expect(masked.records[0]["arguments"] == plain.records[0]["arguments"])
        #expect(!String(decoding: masked.records[0].encoded(), as: UTF8.self).contains("4111"))
    }

    @Test(
        "where names leave open what is masked, the call is blocked",
        arguments: [#"{"card":1,"Card":2}"#, #"{"CARD":1}"#, #"{"card\u0000":1}"#])
    func ambiguousMask(_ arguments: String) throws {
        let gate = try Conversation([try Self.rule("mask") { $0.redact = [try Self.pointer("/card")] }])
        let outcome = gate.client(Conversation.call("1", "pay", arguments))
        #expect(outcome.blocked == "D109")
        #expect(outcome.toServer.isEmpty)
    }

    @Test("a limit blocks what is too much, says what to do, and does not count what was blocked")
    func limits() throws {
        let gate = try Conversation([Self.rule("few") { $0.limit = CallLimit(calls: 2, per: .session) }])
        #expect(gate.client(Conversation.call("1", "pay")).toServer.count == 1)
        #expect(gate.client(Conversation.call("2", "pay")).toServer.count == 1)
        let third = gate.client(Conversation.call("3", "pay"))
        #expect(third.blocked == "D106")
        #expect(third.records[0]["rule"] == "few")
        let text = try third.answer()["result"]?["content"]?.array?.first?["text"]?.string ?? ""
        #expect(text.contains("2 calls per session") && text.contains("The call was not made"))
    }

    @Test("what could not be recorded was not forwarded, and spends nothing")
    func refunds() throws {
        let gate = try Conversation([
            try Self.rule("few") {
                $0.limit = CallLimit(calls: 1, per: .hour)
                $0.budget = Budget(name: "m", of: try Self.pointer("/n"), limit: JSONText(json: Array("5".utf8)), per: .session)
            }
        ])
        #expect(gate.unrecorded(.client, Conversation.call("1", "pay", #"{"n":5}"#)).toServer.isEmpty)
        gate.recordsAgain(lastNumber: 20)
        #expect(gate.client(Conversation.call("2", "pay", #"{"n":5}"#)).toServer.count == 1)
        #expect(gate.client(Conversation.call("3", "pay", #"{"n":0}"#)).blocked == "D106")
    }

    @Test("a budget is summed exactly, and takes no text, no nothing and nothing negative")
    func budgets() throws {
        let gate = try Conversation([
            try Self.rule("pays") {
                $0.budget = Budget(name: "money", of: try Self.pointer("/n"), limit: JSONText(json: Array("0.3".utf8)), per: .session)
            }
        ])
        #expect(gate.client(Conversation.call("1", "pay", #"{"n":0.1}"#)).toServer.count == 1)
        for (id, bad) in ["-1", "\"0.1\"", "null", "[0.1]", "true"].enumerated() {
            #expect(gate.client(Conversation.call("\(10 + id)", "pay", #"{"n":\#(bad)}"#)).blocked == "D108")
        }
        #expect(gate.client(Conversation.call("20", "pay", "{}")).blocked == "D108")
        #expect(gate.client(Conversation.call("21", "pay", #"{"N":0.1}"#)).blocked == "D108")
        #expect(gate.client(Conversation.call("2", "pay", #"{"n":0.2000001}"#)).blocked == "D107")
        #expect(gate.client(Conversation.call("3", "pay", #"{"n":0.2}"#)).toServer.count == 1)
        #expect(gate.client(Conversation.call("4", "pay", #"{"n":0}"#)).toServer.count == 1)
        #expect(gate.client(Conversation.call("5", "pay", #"{"n":1e-20}"#)).blocked == "D107")
    }

    @Test(
        "a hidden denial is what a server says of a tool that it does not have, in each era, and only the receipt knows more",
        arguments: Era.allCases)
    func hides(_ era: Era) throws {
        let gate = try Conversation([Self.rule("all"), Self.rule("never", .deny) { $0.isHidden = true }])
        let outcome = gate.client(Conversation.call("1", "pay", era: era))
        let answer = try outcome.answer()
        #expect(answer == ["jsonrpc": "2.0", "id": 1, "error": ["code": -32602, "message": "Unknown tool: pay"]])
        #expect(outcome.blocked == "D102")
        #expect(outcome.records[0]["rule"] == "never")
        gate.client(#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#)
        let list = gate.server(#"{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"pay"}]}}"#)
        #expect(try list.answer()["result"]?["tools"] == [])
    }

    @Test("labels of all rules that matter are in the receipt")
    func labels() throws {
        let gate = try Conversation([
            Self.rule("a") { $0.labels = [.init(name: "risk", value: "low"), .init(name: "team", value: "x")] },
            Self.rule("b") { $0.labels = [.init(name: "risk", value: "high")] },
        ])
        #expect(gate.client(Conversation.call("1", "pay")).records[0]["labels"] == ["risk": ["high", "low"], "team": ["x"]])
        #expect(gate.client(Conversation.call("2", "other")).records[0]["labels"] == nil)
    }

    @Test("a layer decides where it is stricter, is named, and filters the list")
    func layers() throws {
        let layer = LayeredRules.Layer(
            name: "site",
            tools: ToolsClause(rules: [Rule(id: "no-pay", tools: Conversation.patterns("pay"), effect: .deny, reason: "ask first")]))
        let closed = LayeredRules.Layer(
            name: "zone",
            tools: ToolsClause(
                default: .deny,
                rules: [
                    Rule(id: "gets", tools: Conversation.patterns("get_*", "pay"), effect: .allow)
                ]))
        let gate = try Conversation(default: .allow, layers: [closed, layer])
        let denied = gate.client(Conversation.call("1", "pay"))
        #expect(denied.blocked == "D102")
        #expect(denied.records[0]["layer"] == "site")
        let text = try denied.answer()["result"]?["content"]?.array?.first?["text"]?.string ?? ""
        #expect(text.contains("the rule `no-pay` of the layer `site`"))
        #expect(gate.client(Conversation.call("2", "get_a")).toServer.count == 1)
        let other = gate.client(Conversation.call("3", "other"))
        #expect(other.blocked == "D101")
        #expect(other.records[0]["layer"] == "zone")
        #expect(try other.answer()["result"]?["_meta"]?["io.sandboxd/decision"] == ["code": "D101", "policy": "0123", "layer": "zone"])
        gate.client(#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#)
        let list = gate.server(#"{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"pay"},{"name":"get_a"},{"name":"other"}]}}"#)
        #expect(try list.answer()["result"]?["tools"] == [["name": "get_a"]])
    }
}
