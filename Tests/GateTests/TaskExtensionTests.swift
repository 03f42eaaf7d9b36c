import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// Tasks of the modern era: what is asked for in them, and what is told of them.
@Suite struct TaskExtensionTests {
    private static let form =
        #"{"method":"elicitation/create","params":{"message":"name?","requestedSchema":{"type":"object","properties":{}}}}"#
    private static let yes = #"{"action":"accept","content":{"name":"ann"}}"#

    private static func begun(_ clause: MessagesClause = Conversation.all) throws -> Conversation {
        let gate = try Conversation(messages: clause)
        gate.makeTask("t", era: .modern)
        return gate
    }

    private static func get(_ gate: Conversation) {
        #expect(gate.client(Conversation.about("t", "2", "get", era: .modern)).toServer.count == 1)
    }

    private static func asks(_ requests: String) -> String {
        Conversation.got("2", "t", "input_required", #","inputRequests":\#(requests)"#)
    }

    private static func update(_ responses: String) -> String {
        Conversation.about("t", "3", "update", #","inputResponses":\#(responses)"#, era: .modern)
    }

    private static let ack = Conversation.result("3", #"{"resultType":"complete"}"#)

    @Test("a question is recorded when it is asked first; its answer reaches the server once, and is a decision of its own")
    func answers() throws {
        let gate = try Self.begun()
        Self.get(gate)
        let asked = gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        #expect(asked.toClient == [Self.asks(#"{"who":\#(Self.form)}"#)])
        #expect(asked.records.map { $0["rule"] } == ["messages.elicitation"])
        #expect(asked.records[0]["within"] == 1 && asked.records[0]["side"] == "server")
        Self.get(gate)
        let again = gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        #expect(again.toClient.count == 1 && again.records.isEmpty)
        let answered = gate.client(Self.update(#"{"who":\#(Self.yes)}"#))
        #expect(answered.toServer == [Self.update(#"{"who":\#(Self.yes)}"#)])
        #expect(answered.records.map { $0["decision"] } == ["forward"])
        #expect(answered.records[0]["rule"] == "look" && answered.records[0]["within"] == 1 && answered.records[0]["task"] == "t")
        #expect(answered.records[0]["responses"]?.string?.hasPrefix("hmac-sha256:") == true)
        #expect(gate.server(Self.ack).records.map { $0["status"] } == ["result"])
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).blocked == "D221")
    }

    @Test(
        "what was not asked for, or not so, never reaches the server",
        arguments: [
            #"{"other":{"action":"cancel"}}"#, #"{"who":{"roots":[]}}"#, #"{"who":7}"#,
            #"{"who":{"action":"cancel"},"more":{"action":"cancel"}}"#,
            #"{"who":{"action":"decline","content":{"secret":1}}}"#, #"{"Who":{"action":"cancel"}}"#,
        ])
    func refuses(_ responses: String) throws {
        let gate = try Self.begun()
        Self.get(gate)
        gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        let outcome = gate.client(Self.update(responses))
        #expect(outcome.toServer.isEmpty && outcome.blocked == "D221")
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).toServer.count == 1)
    }

    @Test("an answer that the server did not take, or that could not be recorded, can be given again")
    func reopens() throws {
        let gate = try Self.begun()
        Self.get(gate)
        gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        gate.client(Self.update(#"{"who":\#(Self.yes)}"#))
        gate.server(#"{"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"busy"}}"#)
        #expect(gate.unrecorded(.client, Self.update(#"{"who":\#(Self.yes)}"#)).toServer.isEmpty)
        gate.recordsAgain(lastNumber: 20)
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).toServer.count == 1)
    }

    @Test("a question whose receipt cannot be written is not asked, and is recorded when it is")
    func unrecorded() throws {
        let gate = try Self.begun()
        Self.get(gate)
        let asked = gate.unrecorded(.server, Self.asks(#"{"who":\#(Self.form)}"#), lastNumber: 2)
        #expect(try asked.answer()["error"]?["data"]?["code"] == "D301")
        Self.get(gate)
        #expect(gate.server(Self.asks(#"{"who":\#(Self.form)}"#)).toClient.first?.contains("D301") == true)
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).blocked == "D221")
        Self.get(gate)
        #expect(gate.server(Self.asks(#"{"who":\#(Self.form)}"#)).records.count == 1)
    }

    @Test("under one name one thing is asked")
    func renames() throws {
        let gate = try Self.begun()
        Self.get(gate)
        gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        Self.get(gate)
        let other = gate.server(Self.asks(#"{"who":\#(Self.form.replacing("name?", with: "password?"))}"#))
        #expect(try other.answer()["error"]?["data"]?["code"] == "D209")
        #expect(!other.toClient[0].contains("password"))
    }

    @Test(
        "a question that is denied, not declared or of no form is not asked",
        arguments: [
            (Conversation.some, form, "D110"), (MessageHoldTests.asking, form, "D103"),
            (Conversation.all, #"{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}"#, "D222"),
            (Conversation.all, #"{"method":"tools/call","params":{"name":"get_a"}}"#, "D201"),
            (Conversation.all, #"{"method":"no/such"}"#, "D202"),
            (Conversation.all, #"{"method":7}"#, "D209"), (Conversation.all, "7", "D209"),
        ])
    func denies(_ clause: MessagesClause, _ question: String, _ code: String) throws {
        let gate = try Self.begun(clause)
        Self.get(gate)
        let outcome = gate.server(Self.asks(#"{"who":\#(question)}"#))
        #expect(try outcome.answer()["error"]?["data"]?["code"]?.string == code)
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).blocked == "D221")
    }

    @Test("what a server asks for is bounded: what is remembered of it, and what is recorded")
    func bounds() throws {
        let gate = try Self.begun()
        Self.get(gate)
        let many = (0..<100).map { #""q\#($0)":{"method":"roots/list"}"# }.joined(separator: ",")
        let first = gate.server(Self.asks("{\(many)}"))
        #expect(first.records.count < 80)
        var count = 0
        for round in 0..<400 {
            Self.get(gate)
            let some = (0..<60).map { #""\#(round) \#($0)":{"method":"roots/list"}"# }.joined(separator: ",")
            count += gate.server(Self.asks("{\(some)}")).records.count(where: { $0["decision"] == "forward" })
        }
        #expect(count > 1_000 && count < 10_000)
    }

    @Test("a server that tells unasked what is denied, again and again, fills no log")
    func floods() throws {
        let gate = try Self.begun(Conversation.some)
        let meta = #""_meta":{"io.modelcontextprotocol/subscriptionId":9}"#
        gate.client(
            Conversation.request("9", "subscriptions/listen", #""notifications":{"taskIds":["t"]},"_meta":\#(Conversation.taskMeta)"#))
        gate.server(Conversation.notification("notifications/subscriptions/acknowledged", #""notifications":{"taskIds":["t"]},\#(meta)"#))
        let state = Conversation.task("t", "input_required", #","inputRequests":{"who":\#(Self.form)},\#(meta)"#, era: .modern)
        let line = Conversation.notification("notifications/tasks", String(state.dropFirst().dropLast()))
        let outcome = gate.together(.server, Array(repeating: line, count: 1_000))
        #expect(outcome.toClient.isEmpty && outcome.records.count < 20 && outcome.reasons.first == "D110")
    }

    @Test("who listens for a task is told of its end, and the end is recorded once")
    func notifies() throws {
        let gate = try Self.begun()
        let filter = #""notifications":{"taskIds":["t"]}"#
        let meta = #""_meta":{"io.modelcontextprotocol/subscriptionId":9}"#
        #expect(
            gate.client(Conversation.request("9", "subscriptions/listen", filter + #","_meta":\#(Conversation.taskMeta)"#)).toServer.count
                == 1)
        gate.server(Conversation.notification("notifications/subscriptions/acknowledged", "\(filter),\(meta)"))
        let state = { (status: String, more: String) in
            Conversation.notification(
                "notifications/tasks", String(Conversation.task("t", status, more, era: .modern).dropFirst().dropLast()) + ",\(meta)")
        }
        let asked = gate.server(state("input_required", #","inputRequests":{"who":\#(Self.form)}"#))
        #expect(asked.toClient.count == 1 && asked.records.map { $0["rule"] } == ["messages.elicitation"])
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).toServer.count == 1)
        let end = state("completed", #","result":{"content":[],"isError":true}"#)
        #expect(gate.unrecorded(.server, end, lastNumber: 4).toClient.isEmpty)
        #expect(gate.server(end).toClient.isEmpty)
        gate.recordsAgain(lastNumber: 20)
        let told = gate.server(end)
        #expect(told.toClient == [end])
        #expect(told.records.map { $0["status"] } == ["result"])
        #expect(told.records[0]["decision"] == 1 && told.records[0]["isError"] == true && told.records[0]["task"] == "t")
        #expect(gate.server(end).toClient == [end])
        #expect(gate.server(end).records.isEmpty)
        #expect(gate.server(state("completed", #","result":{"content":[]}"#)).reasons == ["D211"])
        #expect(gate.step(.ended(.server)).records.map { $0["status"] } == ["lost"], "the answer to the update alone")
    }

    @Test("a task's tool that is no longer what it was gets no further answers")
    func pins() throws {
        let gate = try Conversation(
            messages: MessageRules(policy: Conversation.all), pins: GateStart.Pins(.firstSeen, [.init(.tool, name: "get_a", digest: [1])]))
        gate.makeTask("t", era: .modern)
        Self.get(gate)
        gate.server(Self.asks(#"{"who":\#(Self.form)}"#))
        gate.client(Conversation.request("9", "tools/list", era: .modern))
        gate.server(
            Conversation.result(
                "9",
                #"{"resultType":"complete","tools":[{"name":"get_a","inputSchema":{"type":"object"}}],"ttlMs":0,"cacheScope":"private"}"#))
        #expect(gate.client(Self.update(#"{"who":\#(Self.yes)}"#)).blocked == "D131")
    }
}
