import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// Calls that are answered with a task, and what is asked about it. What passes on the wire says the wire suite.
@Suite struct TaskTests {
    private static let content = #"{"content":[{"type":"text","text":"done"}]}"#

    @Test("the receipts of a task name its id, and the outcome is bound to the decision about its call")
    func receipts() throws {
        let gate = try Conversation.withTasks()
        #expect(gate.client(Conversation.taskCall("1")).records.map { $0["decision"] } == ["forward"])
        let made = gate.server(Conversation.created("1", "t"))
        #expect(made.records.map { $0["status"] } == ["task"])
        #expect(made.records[0]["task"] == "t" && made.records[0]["decision"] == 1 && made.records[0]["isError"] == nil)
        #expect(gate.client(Conversation.about("t", "2", "result")).records.isEmpty)
        #expect(gate.client(Conversation.about("t", "3", "get")).records.isEmpty)
        #expect(gate.server(Conversation.result("3", Conversation.task("t"))).records.isEmpty)
        let done = gate.server(Conversation.result("2", #"{"content":[],"isError":true}"#))
        #expect(done.records.map { $0["status"] } == ["result"])
        #expect(done.records[0]["task"] == "t" && done.records[0]["decision"] == 1 && done.records[0]["isError"] == true)
        #expect(done.records[0]["response"]?.string?.hasPrefix("hmac-sha256:") == true)
        #expect(gate.step(.ended(.server)).records.isEmpty)
    }

    @Test("to end a task is a decision by the rule that permitted its call, and has an outcome")
    func cancels() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        let asked = gate.client(Conversation.about("t", "2", "cancel"))
        #expect(asked.records.map { $0["decision"] } == ["forward"])
        #expect(asked.records[0]["rule"] == "look" && asked.records[0]["within"] == 1 && asked.records[0]["task"] == "t")
        let ended = gate.server(Conversation.result("2", Conversation.task("t", "cancelled")))
        #expect(ended.records.map { $0["status"] } == ["result", "cancelled"])
        #expect(ended.records.map { $0["decision"] } == [3, 1])
        #expect(gate.step(.ended(.server)).records.isEmpty)
    }

    @Test("at the end of the session tasks without an outcome have one, in the order of their calls")
    func ends() throws {
        let gate = try Conversation.withTasks()
        for id in ["b", "a", "c"] { gate.makeTask(id) }
        #expect(
            gate.server(
                Conversation.notification("notifications/tasks/status", String(Conversation.task("a", "completed").dropFirst().dropLast()))
            ).toClient.count == 1)
        gate.client(Conversation.about("c", "2", "result"))
        gate.server(Conversation.result("2", Self.content))
        gate.client(Conversation.about("b", "2", "result"))
        let ended = gate.step(.ended(.server))
        #expect(ended.records.map { $0["task"] } == ["b", "a"])
        #expect(ended.records.map { $0["status"] } == ["lost", "lost"])
        #expect(ended.records.map { $0["taskStatus"] } == ["working", "completed"])
        #expect(ended.toClient.count == 1)
    }

    @Test("arguments of a task are masked, limited and judged as those of any call")
    func judges() throws {
        var rule = Rule(id: "pay", tools: Conversation.patterns("pay"), effect: .allow)
        rule.redact = [try #require(JSONPointer("/card"))]
        rule.limit = CallLimit(calls: 1, per: .session)
        let gate = try Conversation.withTasks([rule])
        let sent = gate.client(Conversation.taskCall("1", "pay", #"{"card":"4111"}"#))
        #expect(sent.toServer == [Conversation.taskCall("1", "pay", #"{"card":"[redacted]"}"#)])
        #expect(sent.records[0]["masked"] == 1)
        #expect(gate.client(Conversation.taskCall("2", "pay")).blocked == "D106")
        #expect(gate.client(Conversation.taskCall("2", "get_secret")).blocked == "D101")
    }

    @Test("a call that waits for a person becomes a task once it is granted, and none when it is denied", arguments: Era.allCases)
    func holds(_ era: Era) throws {
        let call = Conversation.taskCall("1", "refund", #"{"amount":9}"#, era: era)
        let gate = try Conversation.withTasks()
        let number = try gate.client(call).asked()
        #expect(gate.client(Conversation.about("t", "2", "get", era: era)).blocked == "D224")
        let granted = gate.daemon(number, .granted(approval: "k7q2m-4x9dz", by: "alice"))
        #expect(granted.toServer.count == 1)
        if era == .legacy { #expect(granted.toServer == [call]) }
        #expect(gate.server(Conversation.created("1", "t", era: era)).records.map { $0["status"] } == ["task"])
        let asked = gate.client(Conversation.about("t", "2", "cancel", era: era))
        #expect(asked.records[0]["rule"] == "big" && asked.toServer.count == 1)

        let denied = try Conversation.withTasks()
        let other = try denied.client(call).asked()
        #expect(denied.daemon(other, .denied(approval: "k7q2m-4x9dz", by: "alice", why: nil)).toServer.isEmpty)
        #expect(denied.server(Conversation.created("1", "t", era: era)).reasons == ["D210"])
        #expect(denied.client(Conversation.about("t", "2", "get", era: era)).blocked == "D224")
    }

    @Test("while a person decides the client may agree on a version without tasks: then the call is not made")
    func agreesOtherwise() throws {
        let gate = try Conversation.withTasks()
        let number = try gate.client(Conversation.taskCall("1", "refund")).asked()
        gate.initialize("2025-06-18")
        let granted = gate.daemon(number, .granted(approval: "k7q2m-4x9dz", by: "alice"))
        #expect(granted.toServer.isEmpty && granted.reasons == ["D209"])
    }

    @Test("a task of one era is none of the other")
    func eras() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("old")
        gate.makeTask("new", era: .modern)
        #expect(gate.client(Conversation.about("old", "2", "get", era: .modern)).blocked == "D224")
        #expect(gate.client(Conversation.about("new", "2", "get")).blocked == "D224")
        gate.client(Conversation.request("2", "tasks/list"))
        let list = #"{"tasks":[\#(Conversation.task("new")),\#(Conversation.task("old"))]}"#
        #expect(
            gate.server(Conversation.result("2", list)).toClient == [Conversation.result("2", #"{"tasks":[\#(Conversation.task("old"))]}"#)]
        )
    }

    // MARK: Bounds

    @Test("only so many tasks are remembered: then calls are not made as tasks, until the outcome of one is recorded")
    func bounds() throws {
        let gate = try Conversation.withTasks()
        for number in 0..<1_023 { gate.makeTask("t\(number)") }
        // What is promised counts.
        #expect(gate.client(Conversation.taskCall("1")).toServer.count == 1)
        #expect(gate.client(Conversation.taskCall("2")).blocked == "D303")
        #expect(gate.client(Conversation.call("3", "get_a")).toServer.count == 1)
        // A modern server is not told that the client takes a task, and may give none.
        let modern = gate.client(Conversation.taskCall("4", era: .modern))
        #expect(modern.toServer.count == 1 && modern.toServer.first?.contains("extensions") == false)
        #expect(gate.server(Conversation.created("4", "modern", era: .modern)).reasons == ["D225"])
        gate.server(Conversation.created("1", "t1023"))
        #expect(gate.client(Conversation.taskCall("2")).blocked == "D303")
        gate.client(Conversation.about("t7", "2", "result"))
        gate.server(Conversation.result("2", Self.content))
        gate.makeTask("another")
        // It gave way, and its id is used up.
        #expect(gate.client(Conversation.about("t7", "2", "get")).blocked == "D224")
        gate.client(Conversation.about("t8", "2", "result"))
        gate.server(Conversation.result("2", Self.content))
        gate.client(Conversation.taskCall("1"))
        #expect(gate.server(Conversation.created("1", "t7")).reasons == ["D226"])
    }

    @Test("an id of a task is 1 to 1,024 bytes")
    func idBounds() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask(String(repeating: "t", count: 1_024))
        gate.client(Conversation.taskCall("1"))
        #expect(gate.server(Conversation.created("1", String(repeating: "u", count: 1_025))).reasons == ["D209"])
    }

    // MARK: Records that cannot be written

    @Test("a task whose receipt cannot be written is not passed on, and is not there")
    func unrecordedTask() throws {
        let gate = try Conversation.withTasks()
        gate.client(Conversation.taskCall("1"))
        let made = gate.unrecorded(.server, Conversation.created("1", "t"), lastNumber: 1)
        #expect(try made.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.client(Conversation.about("t", "2", "get")).blocked == "D224")
    }

    @Test("a result whose receipt cannot be written is not passed on, and can be asked for again")
    func unrecordedResult() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        gate.client(Conversation.about("t", "2", "result"))
        let done = gate.unrecorded(.server, Conversation.result("2", Self.content), lastNumber: 2)
        #expect(try done.answer()["error"]?["data"]?["code"] == "D301")
        #expect(!done.toClient[0].contains("done"))
        // While nothing can be recorded states are told, ends and results are not.
        #expect(gate.client(Conversation.about("t", "2", "cancel")).toServer.isEmpty)
        gate.client(Conversation.about("t", "3", "result"))
        #expect(gate.server(Conversation.result("3", Self.content)).toClient.first?.contains("D301") == true)
        gate.recordsAgain(lastNumber: 7)
        gate.client(Conversation.about("t", "4", "result"))
        #expect(gate.server(Conversation.result("4", Self.content)).records.map { $0["status"] } == ["result"])
        #expect(gate.step(.ended(.server)).records.isEmpty)
    }

    @Test("an end that cannot be recorded reaches nobody")
    func unrecordedCancel() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        let asked = gate.unrecorded(.client, Conversation.about("t", "2", "cancel"))
        #expect(asked.toServer.isEmpty)
        #expect(try asked.answer()["error"]?["data"]?["code"] == "D301")
    }

    // MARK: Answers

    @Test("a malformed answer about a task is told to the client, and the task lives on")
    func malformed() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        gate.client(Conversation.about("t", "2", "result"))
        #expect(try gate.server(#"{"jsonrpc":"2.0","id":2,"result":7}"#).answer()["error"]?["data"]?["code"] == "D205")
        gate.client(Conversation.about("t", "2", "result"))
        #expect(gate.server(Conversation.result("2", Self.content)).records.map { $0["status"] } == ["result"])
    }

    @Test("an answer about a task that nobody waits for any more is not passed on")
    func late() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        for method in ["result", "get", "cancel"] {
            gate.client(Conversation.about("t", "2", method))
            #expect(gate.client(Conversation.notification("notifications/cancelled", #""requestId":2"#)).toServer.count == 1)
            #expect(gate.server(Conversation.result("2", method == "result" ? Self.content : Conversation.task("t"))).toClient.isEmpty)
        }
        #expect(gate.step(.ended(.server)).records.map { $0["status"] } == ["lost"])
    }

    @Test("a person is sent only to plain addresses, also by the result of a task")
    func elicitation() throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.initialize("2025-11-25", capabilities: #"{"elicitation":{"url":{}}}"#)
        gate.makeTask("t")
        for (url, code) in [("javascript:x", "D223"), ("https://example.org/a", nil)] {
            gate.client(Conversation.about("t", "2", "result"))
            let item = #"{"mode":"url","message":"go","url":"\#(url)","elicitationId":"e"}"#
            let outcome = gate.server(
                #"{"jsonrpc":"2.0","id":2,"error":{"code":-32042,"message":"go","data":{"elicitations":[\#(item)]}}}"#)
            #expect(try outcome.answer()["error"]?["data"]?["code"]?.string == code)
            #expect(outcome.records.first?["within"] == 1)
        }
    }

    // MARK: What the kernel denied

    private static func denial(at time: UInt64) -> GateEvent {
        let act = DeniedAct(
            hook: 1, process: 7, family: 2, protocolNumber: 6, type: 1, address: .v4(0xc000_0201).unmapped, port: 443)
        return .denied([KernelDenial(time: time, act: act)], unreadable: 0)
    }

    @Test("a task that runs is in flight: alone it is held to be the cause, and its result says so")
    func denials() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        gate.client(Conversation.about("t", "2", "result"))
        let told = gate.step(Self.denial(at: gate.time))
        #expect(told.records.first?["attribution"] == "inferred" && told.records.first?["calls"] == [1])
        let done = gate.server(Conversation.result("2", Self.content))
        #expect(done.records.last?["denials"] == ["receipts": [3]])
        #expect(try done.answer()["result"]?["content"]?.array?.last?["text"]?.string?.contains("192.0.2.1:443") == true)
    }

    @Test("a call is not blamed for what a task may have done, nor a task for what a call may")
    func severalDenials() throws {
        let gate = try Conversation.withTasks()
        gate.makeTask("t")
        gate.client(Conversation.call("2", "get_a"))
        let told = gate.step(Self.denial(at: gate.time))
        #expect(told.records.first?["attribution"] == "several" && told.records.first?["calls"] == [1, 3])
        #expect(gate.server(Conversation.result("2", Self.content)).toClient == [Conversation.result("2", Self.content)])
        gate.client(Conversation.about("t", "2", "result"))
        gate.server(Conversation.result("2", Self.content))
        gate.client(Conversation.call("2", "get_a"))
        let later = gate.step(Self.denial(at: gate.time + 1_000_000_000), later: 1_000_000_000)
        #expect(later.records.first?["attribution"] == "inferred")
    }
}
