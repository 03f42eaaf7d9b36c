import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// Questions within results, and requests that are made again with the answers: the modern era.
@Suite struct InputRoundTests {
    private static let able = #"{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{}}"#
    private static let form =
        #"{"method":"elicitation/create","params":{"mode":"form","message":"your name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}"#
    private static let accept = #"{"who":{"action":"accept","content":{"name":"ann"}}}"#

    private static func call(
        _ id: String, _ more: String = "", arguments: String = #"{"a":1}"#, tool: String = "get_a", able: String = able
    ) -> String {
        Conversation.request(id, "tools/call", #""name":"\#(tool)","arguments":\#(arguments)\#(more)"#, era: .modern, capabilities: able)
    }

    private static func asks(_ id: String, _ requests: String, state: String? = nil) -> String {
        let end = state.map { #","requestState":"\#($0)"}"# } ?? "}"
        return Conversation.result(id, #"{"resultType":"input_required","inputRequests":\#(requests)"# + end)
    }

    /// A call that the server answered with one question under `who`, and this state.
    private static func asked(_ clause: MessagesClause = Conversation.all, state: String? = "s1") throws -> Conversation {
        let gate = try Conversation(messages: clause)
        gate.client(call("1"))
        #expect(gate.server(asks("1", #"{"who":\#(form)}"#, state: state)).toClient.count == 1)
        return gate
    }

    @Test("a question that is permitted reaches the client, the answer the server; all of it is recorded")
    func passes() throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Self.call("1"))
        let line = Self.asks("1", #"{"who":\#(Self.form),"where":{"method":"roots/list"}}"#, state: "s\\u00e9")
        let asked = gate.server(line)
        #expect(asked.toClient == [Self.asks("1", #"{"who":\#(Self.form),"where":{"method":"roots/list"}}"#, state: "sé")])
        #expect(asked.records.map { $0["method"] } == ["elicitation/create", "roots/list", nil])
        #expect(asked.records.map { $0["rule"] } == ["messages.elicitation", "messages.roots", nil])
        #expect(asked.records.dropLast().allSatisfy { $0["within"] == 1 && $0["side"] == "server" })
        #expect(asked.records.last?["status"] == "input-required")
        let again = Self.call(
            "2", #","inputResponses":{"who":{"action":"accept","content":{"name":"ann"}},"where":{"roots":[]}},"requestState":"sé""#)
        let answered = gate.client(again)
        #expect(answered.toServer == [again])
        #expect(answered.records[0]["responses"]?.string?.hasPrefix("hmac-sha256:") == true)
        let result = Conversation.result("2", #"{"resultType":"complete","content":[]}"#)
        #expect(gate.server(result).toClient == [result])
    }

    @Test(
        "a question that is denied is not passed on: the model is told, and the server's words stay here",
        arguments: [
            form, #"{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}"#, #"{"method":"roots/list"}"#,
        ])
    func denies(_ request: String) throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Self.call("1"))
        let outcome = gate.server(Self.asks("1", #"{"who":\#(request)}"#, state: "s1"))
        let answer = try outcome.answer()
        #expect(answer["result"]?["isError"] == true)
        #expect(answer["result"]?["resultType"] == "complete")
        #expect(answer["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D110")
        #expect(!outcome.toClient[0].contains("your name"))
        #expect(outcome.records.first?["reason"] == "D110")
        #expect(outcome.records.contains { $0["status"] == "withheld" })
        #expect(gate.client(Self.call("2", #","requestState":"s1""#)).blocked == "D221")
    }

    @Test("a question that would leave no record, since too much waits for the log, is not passed on")
    func asksBehind() throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Self.call("1"))
        gate.fallBehind()
        let outcome = gate.server(Self.asks("1", #"{"who":\#(Self.form)}"#, state: "s1"))
        #expect(try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D309")
        #expect(!outcome.toClient[0].contains("your name"))
        #expect(outcome.records.map { $0["status"] } == ["withheld"])
    }

    @Test(
        "a question without its form, or of another kind, is not passed on",
        arguments: [
            #"{"who":{"method":"tools/call","params":{"name":"get_a"}}}"#, #"{"who":{"method":"made/up"}}"#, #"{"who":{}}"#, #"{"who":7}"#,
            "[]",
            #"{"who":{"method":"elicitation/create","params":{"mode":"url","message":"go","url":"javascript:x"}}}"#,
        ])
    func refusesForm(_ requests: String) throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Self.call("1"))
        let outcome = gate.server(Self.asks("1", requests))
        #expect(outcome.toClient.count == 1)
        #expect(!outcome.toClient[0].contains("input_required"))
        #expect(outcome.records.contains { $0["status"] == "withheld" })
    }

    @Test("what a server asks for is bounded: what is remembered of it, and what is recorded")
    func bounds() throws {
        let gate = try Conversation(messages: Conversation.all)
        let many = (0..<100).map { #""q\#($0)":{"method":"roots/list"}"# }.joined(separator: ",")
        let long = String(repeating: "q", count: 2_000), state = String(repeating: "s", count: 70_000)
        for (requests, given) in [
            ("{\(many)}", "s"), (#"{"\#(long)":{"method":"roots/list"}}"#, "s"), ("{}", state), ("{}", "sandboxd.1.a.b.c"),
        ] {
            gate.client(Self.call("1"))
            let outcome = gate.server(Self.asks("1", requests, state: given))
            #expect(outcome.toClient.count == 1)
            #expect(!outcome.toClient[0].contains("input_required"))
            #expect(outcome.records.count < 80)
        }
    }

    @Test("a client is asked only for what it declared with this request")
    func needsDeclaration() throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Self.call("1", able: "{}"))
        let outcome = gate.server(Self.asks("1", #"{"who":\#(Self.form)}"#))
        #expect(try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D222")
    }

    @Test(
        "what was not asked for, or not so, never reaches the server",
        arguments: [
            #","inputResponses":\#(accept),"requestState":"s2""#, #","inputResponses":\#(accept)"#,
            #","inputResponses":\#(accept),"requestState":"s1 ""#,
            #","inputResponses":{"other":{"action":"cancel"}},"requestState":"s1""#,
            #","inputResponses":{"who":{"action":"cancel"},"more":{"action":"cancel"}},"requestState":"s1""#,
            #","inputResponses":{"who":{"roots":[]}},"requestState":"s1""#, #","inputResponses":{"who":7},"requestState":"s1""#,
        ])
    func refusesAnswers(_ more: String) throws {
        let gate = try Self.asked()
        let outcome = gate.client(Self.call("2", more))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.blocked == "D221")
        #expect(try outcome.answer()["result"]?["isError"] == true)
    }

    @Test("answers belong to the request that they were asked for: same tool, same arguments, once")
    func binds() throws {
        let more = #","inputResponses":\#(Self.accept),"requestState":"s1""#
        #expect(try Self.asked().client(Self.call("2", more, arguments: #"{"a":2}"#)).blocked == "D221")
        #expect(try Self.asked().client(Self.call("2", more, tool: "get_b")).blocked == "D221")
        #expect(try Self.asked().client(Self.call("2", more, tool: "get_secret")).blocked == "D102")
        let gate = try Self.asked()
        #expect(gate.client(Self.call("2", more, arguments: #"{ "a" : 1 }"#)).toServer.count == 1)
        #expect(gate.client(Self.call("3", more)).blocked == "D221")
        let other = try Conversation(messages: Conversation.all)
        #expect(other.client(Self.call("2", more)).blocked == "D221")
        #expect(try Self.asked(state: nil).client(Self.call("2", #","inputResponses":\#(Self.accept)"#)).toServer.count == 1)
    }

    @Test("a server may only ask to be asked again; its state goes back to it once")
    func polls() throws {
        let gate = try Conversation()
        gate.client(Self.call("1"))
        let wait = Conversation.result("1", #"{"resultType":"input_required","requestState":"s1"}"#)
        #expect(gate.server(wait).toClient == [wait])
        #expect(gate.client(Self.call("2", #","requestState":"s1""#)).toServer.count == 1)
        #expect(gate.client(Self.call("3", #","requestState":"s1""#)).blocked == "D221")
    }

    @Test("in the legacy era both members are none of a request")
    func legacy() throws {
        let gate = try Self.asked()
        let line = Conversation.request(
            "2", "tools/call", #""name":"get_a","arguments":{"a":1},"inputResponses":\#(Self.accept),"requestState":"s1""#)
        #expect(gate.client(line).blocked == "D209")
        gate.client(Conversation.call("3", "get_a"))
        #expect(gate.server(Self.asks("3", #"{"who":\#(Self.form)}"#)).records.contains { $0["reason"] == "D201" })
    }

    @Test("numbers that are read differently are refused in answers as in arguments")
    func exactNumbers() throws {
        let more = #","inputResponses":{"who":{"action":"accept","content":{"n":9007199254740993}}},"requestState":"s1""#
        #expect(try Self.asked().client(Self.call("2", more)).blocked == "D104")
    }

    @Test("a call that goes on is not charged again")
    func chargesOnce() throws {
        let rule = Rule(
            id: "once", tools: Conversation.patterns("get_a"), effect: .allow, limit: CallLimit(calls: 1, per: .session))
        let gate = try Conversation([rule], messages: MessageRules(policy: Conversation.all))
        gate.client(Self.call("1"))
        gate.server(Self.asks("1", #"{"who":\#(Self.form)}"#, state: "s1"))
        #expect(gate.client(Self.call("2")).blocked == "D106")
        #expect(gate.client(Self.call("3", #","inputResponses":\#(Self.accept),"requestState":"s1""#)).toServer.count == 1)
    }

    @Test("prompts and resources ask in the same way")
    func others() throws {
        for (method, params) in [("prompts/get", #""name":"p""#), ("resources/read", #""uri":"file:///a""#)] {
            let gate = try Conversation(messages: Conversation.all)
            gate.client(Conversation.request("1", method, params, era: .modern, capabilities: Self.able))
            #expect(gate.server(Self.asks("1", #"{"who":\#(Self.form)}"#, state: "s1")).toClient.count == 1)
            let again = params + #","inputResponses":\#(Self.accept),"requestState":"s1""#
            let line = Conversation.request("2", method, again, era: .modern, capabilities: Self.able)
            #expect(gate.client(line).toServer == [line])
        }
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Conversation.request("1", "resources/list", era: .modern, capabilities: Self.able))
        #expect(gate.server(Self.asks("1", #"{"who":\#(Self.form)}"#)).toClient.joined().contains("your name") == false)
    }
}
