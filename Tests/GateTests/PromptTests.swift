import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

@Suite struct PromptTests {
    @Test("a prompt that is permitted is got; its name stands in the receipt, its arguments do not", arguments: Era.allCases)
    func gets(_ era: Era) throws {
        let gate = try Conversation(messages: Conversation.some)
        let line = Conversation.request("1", "prompts/get", #""name":"summarise","arguments":{"text":"my secret"}"#, era: era)
        let asked = gate.client(line)
        #expect(asked.toServer == [line])
        #expect(asked.records[0]["prompt"] == "summarise")
        #expect(asked.records[0]["rule"] == "messages.prompts")
        #expect(!String(decoding: asked.records[0].encoded(), as: UTF8.self).contains("secret"))
        let answer = Conversation.result("1", #"{"messages":[{"role":"user","content":{"type":"text","text":"x"}}]}"#)
        let answered = gate.server(answer)
        #expect(answered.toClient == [answer])
        #expect(answered.records.map { $0["status"] } == ["result"])
    }

    @Test(
        "another one never reaches the server",
        arguments: [
            (#""name":"delete""#, "D111"), (#""name":"summarise ""#, "D111"), (#""name":"Summarise""#, "D111"),
            (#""name":"summar\u0456se""#, "D111"), (#""name":["summarise"]"#, "D209"), (#""name":"summarise","arguments":{"n":1}"#, "D209"),
            (#""name":"summarise","arguments":"x""#, "D209"), (#""name":"summarise","inputResponses":{}"#, "D209"), ("", "D209"),
        ])
    func denies(_ params: String, _ code: String) throws {
        let gate = try Conversation(messages: Conversation.some)
        let outcome = gate.client(Conversation.request("1", "prompts/get", params))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.blocked == code)
        #expect(try outcome.answer()["error"] != nil)
    }

    @Test("a list shows the prompts that may be used", arguments: Era.allCases)
    func lists(_ era: Era) throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Conversation.request("1", "prompts/list", era: era))
        let outcome = gate.server(Conversation.result("1", #"{"prompts":[{"name":"delete"},{"name":"list_a"},{"name":"summarise"}]}"#))
        let end = era == .modern ? #","cacheScope":"private"}"# : "}"
        #expect(outcome.toClient == [Conversation.result("1", #"{"prompts":[{"name":"list_a"},{"name":"summarise"}]"# + end)])
    }

    @Test(
        "arguments are completed of what may be used only",
        arguments: [
            (#"{"type":"ref/prompt","name":"summarise"}"#, nil), (#"{"type":"ref/prompt","name":"delete"}"#, "D111"),
            (#"{"type":"ref/resource","uri":"file:///srv/notes/{name}"}"#, nil),
            (#"{"type":"ref/resource","uri":"file:///srv/notes/a"}"#, nil),
            (#"{"type":"ref/resource","uri":"file:///etc/{name}"}"#, "D111"),
            (#"{"type":"ref/resource","uri":"file:///etc/passwd"}"#, "D111"),
            (#"{"type":"ref/other","name":"summarise"}"#, "D209"), (#"{"name":"summarise"}"#, "D209"),
        ] as [(String, String?)])
    func completes(_ reference: String, _ code: String?) throws {
        for era in Era.allCases {
            let gate = try Conversation(messages: Conversation.some)
            let params = #""ref":\#(reference),"argument":{"name":"text","value":"se"},"context":{"arguments":{"a":"b"}}"#
            let outcome = gate.client(Conversation.request("1", "completion/complete", params, era: era))
            #expect(outcome.toServer.count == (code == nil ? 1 : 0))
            #expect(outcome.records[0]["reason"]?.string == code)
            guard code == nil else { continue }
            let answer = Conversation.result("1", #"{"completion":{"values":["secret"]}}"#)
            #expect(gate.server(answer).toClient == [answer])
        }
    }

    @Test("changes of lists are told where something of them is permitted")
    func changes() throws {
        for method in ["notifications/prompts/list_changed", "notifications/resources/list_changed"] {
            let open = try Conversation(messages: Conversation.some), closed = try Conversation()
            let line = Conversation.notification(method)
            #expect(open.server(line).blocked == "D211")
            open.initialize()
            closed.initialize()
            #expect(open.server(line).toClient == [line])
            #expect(closed.server(line).blocked == "D110")
            #expect(try Conversation(messages: Conversation.some).server(line).blocked == "D211")
        }
    }
}
