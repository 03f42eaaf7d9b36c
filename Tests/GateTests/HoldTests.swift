import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import TestSupport
import Testing

/// Calls that a person decides. `refund` asks.
@Suite struct HoldTests {
    private static let forms = #"{"elicitation":{}}"#
    private static let id = "k7q2m-4x9dz"

    private static func held(_ gate: Conversation, _ call: String = Conversation.call("1", "refund", #"{"amount":900}"#)) throws -> Int64 {
        try gate.client(call).asked()
    }

    private static func reply(_ question: JSON, _ result: String) throws -> String {
        #"{"jsonrpc":"2.0","id":"\#(try #require(question["id"]?.string))","result":\#(result)}"#
    }

    private static let yes = #"{"action":"accept","content":{"approve":true}}"#

    @Test("a call that a rule asks about goes to nobody, is recorded, and its canonical arguments go to the daemon")
    func holds() throws {
        let gate = try Conversation()
        let outcome = gate.client(Conversation.call("1", "refund", #"{"b":1.0,"a":"x"}"#))
        #expect(outcome.toServer.isEmpty && outcome.toClient.isEmpty)
        #expect(outcome.records.map { $0["decision"] } == ["hold"])
        #expect(outcome.toDaemon == [.request(number: 1, .hold(HeldCall(tool: "refund", arguments: #"{"a":"x","b":1}"#, rule: "big")))])
        #expect(outcome.people.contains("hold refund (rule big)"))
        #expect(gate.client(Conversation.call("1", "get_a")).blocked == "D208")
    }

    @Test("granted, it is forwarded as it was judged; denied, expired or failed, it is answered and not made", arguments: Era.allCases)
    func decides(_ era: Era) throws {
        let call = Conversation.call("1", "refund", #"{ "b":1.50,"a":"x" }"#, era: era)
        let granted = try Conversation()
        let number = try Self.held(granted, call)
        #expect(granted.daemon(number, .held(approval: Self.id)).toServer.isEmpty)
        let outcome = granted.daemon(number, .granted(approval: Self.id, by: "alice"))
        #expect(outcome.toServer == [Conversation.call("1", "refund", #"{"b":1.50,"a":"x"}"#, era: era)])
        #expect(outcome.records.map { $0["outcome"] ?? $0["decision"] } == ["granted", "forward"])
        #expect(outcome.records[0]["by"] == "alice" && outcome.records[0]["hold"] == 1 && outcome.records[0]["approval"]?.string == Self.id)
        #expect(granted.daemon(number, .granted(approval: Self.id, by: "alice")).toServer.isEmpty)
        for (answer, code) in [
            (.denied(approval: Self.id, by: "alice", why: "wait"), "D121"), (.expired(approval: Self.id), "D123"), (.failed("x"), "D103"),
            (.unavailable("x"), "D305"),
            (.leased, "D103"),
        ] as [(DaemonAnswer, String)] {
            let gate = try Conversation()
            let denied = gate.daemon(try Self.held(gate, call), answer)
            #expect(denied.toServer.isEmpty)
            let result = try #require(try denied.answer()["result"])
            #expect(result["isError"] == true && result["_meta"]?["io.sandboxd/decision"]?["code"]?.string == code)
            #expect(result["resultType"] == (era == .modern ? "complete" : nil))
            #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1)
        }
    }

    @Test("what a person says in a denial reaches the model")
    func tellsWhy() throws {
        let gate = try Conversation()
        let denied = gate.daemon(try Self.held(gate), .denied(approval: Self.id, by: "alice (uid 7)", why: "wait for Monday"))
        let text = try denied.answer()["result"]?["content"]?.array?.first?["text"]?.string
        #expect(text?.contains("alice (uid 7) denied the tool `refund`: wait for Monday. The call was not made") == true)
    }

    @Test("limits are spent when the call is made, not while it waits")
    func spendsLate() throws {
        var rule = Rule(id: "once", tools: Conversation.patterns("refund"), effect: .ask)
        rule.limit = CallLimit(calls: 1, per: .session)
        let gate = try Conversation([rule])
        let first = try Self.held(gate, Conversation.call("1", "refund"))
        let second = try Self.held(gate, Conversation.call("2", "refund"))
        #expect(gate.daemon(second, .granted(approval: "b", by: "x")).toServer.count == 1)
        let spent = gate.daemon(first, .granted(approval: "a", by: "x"))
        #expect(spent.toServer.isEmpty)
        #expect(try spent.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D106")
    }

    @Test("what is masked is not masked for the approver, and is for the server")
    func masksLate() throws {
        var rule = Rule(id: "ask", tools: Conversation.patterns("refund"), effect: .ask)
        rule.redact = [try #require(JSONPointer("/card"))]
        let gate = try Conversation([rule])
        let outcome = gate.client(Conversation.call("1", "refund", #"{"card":"4111"}"#))
        guard case .request(let number, .hold(let call))? = outcome.toDaemon.first else { throw Conversation.Outcome.NotAsked() }
        #expect(call.arguments == #"{"card":"4111"}"#)
        let made = gate.daemon(number, .granted(approval: Self.id, by: "x"))
        #expect(made.toServer == [Conversation.call("1", "refund", #"{"card":"[redacted]"}"#)])
        let ambiguous = try Conversation([rule]).client(Conversation.call("1", "refund", #"{"card":"1","Card":"2"}"#))
        #expect(ambiguous.blocked == "D109" && ambiguous.toDaemon.isEmpty)
    }

    // MARK: Waiting

    @Test("whoever gave a progress token hears of the wait, in growing numbers; at its end the call is answered with the approval id")
    func waits() throws {
        let gate = try Conversation()
        let line =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"refund","arguments":{},"_meta":{"progressToken":"p"}}}"#
        let number = try Self.held(gate, line)
        let begun = gate.time
        var told = [gate.daemon(number, .held(approval: Self.id))]
        while let due = gate.nextDue, due < begun + 45_000_000_000 { told.append(gate.step(.due, later: due - gate.time)) }
        let progress = try told.flatMap(\.toClient).map { try JSON(parsing: Array($0.utf8)) }
        #expect(progress.count == 9)
        #expect(progress.allSatisfy { $0["method"] == "notifications/progress" && $0["params"]?["progressToken"] == "p" })
        let numbers = progress.compactMap { $0["params"]?["progress"]?.encoded() }.map { String(decoding: $0, as: UTF8.self) }
        #expect(numbers == numbers.sorted() && Set(numbers).count == 9 && numbers.allSatisfy { $0.hasPrefix("0.") })
        let late = gate.step(.due, later: begun + 45_000_000_000 - gate.time)
        #expect(late.toDaemon == [.detach(number: number)])
        let result = try late.answer()["result"]
        #expect(result?["isError"] == true)
        #expect(result?["content"]?.array?.first?["text"]?.string?.contains("approvals show \(Self.id)") == true)
        #expect(result?["_meta"]?["io.sandboxd/decision"]?["code"] == "D122")
        #expect(late.records.map { $0["outcome"] ?? $0["reason"] } == ["left", "D122"])
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
        #expect(gate.nextDue == nil)
    }

    @Test("a daemon that does not answer for 10 s is absent; one that is replaced is asked again under new numbers")
    func daemonAbsent() throws {
        let silent = try Conversation()
        let number = try Self.held(silent)
        let absent = silent.step(.due, later: 10_000_000_001)
        #expect(absent.toDaemon == [.withdraw(number: number)])
        #expect(try absent.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D304")

        let replaced = try Conversation()
        let (first, second) = (try Self.held(replaced), try Self.held(replaced, Conversation.call("2", "refund")))
        _ = replaced.daemon(first, .held(approval: Self.id))
        let again = replaced.step(.daemon(.adopted))
        guard case .request(let newFirst, .hold(let call))? = again.toDaemon.dropFirst().first,
            case .request(let newSecond, _)? = again.toDaemon.last
        else { throw Conversation.Outcome.NotAsked() }
        #expect(again.toDaemon.first == .resumed && again.toDaemon.count == 3 && newFirst > second && newSecond > newFirst)
        #expect(call.arguments == #"{"amount":900}"#)
        #expect(replaced.daemon(first, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
        _ = replaced.daemon(newFirst, .held(approval: "other"))
        #expect(replaced.daemon(newFirst, .granted(approval: "other", by: "x")).toServer.count == 1)

        let gone = try Conversation()
        let held = try Self.held(gone)
        _ = gone.daemon(held, .held(approval: Self.id))
        _ = gone.step(.daemonLost)
        #expect(try gone.step(.due, later: 10_000_000_001).answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D304")
    }

    @Test("a daemon that has listed a call is asked whether it is there, and absent 10 s after it does not say so")
    func presence() throws {
        let gate = try Conversation()
        gate.daemonIsThere = false
        let number = try Self.held(gate)
        #expect(gate.daemon(number, .held(approval: Self.id)).toDaemon.isEmpty)
        for _ in 0..<8 {
            let due = try #require(gate.nextDue)
            #expect(due - gate.time == 1_000_000_000)
            #expect(gate.step(.due, later: due - gate.time).toDaemon == [.presence])
            #expect(gate.step(.due).toDaemon.isEmpty, "it is asked once")
            #expect(gate.step(.daemon(.present), later: 3_000_000_000).toClient.isEmpty)
        }
        let asked = try #require(gate.nextDue)
        #expect(gate.step(.due, later: asked - gate.time).toDaemon == [.presence])
        let early = gate.step(.due, later: 9_999_999_999)
        #expect(early.toDaemon.isEmpty && early.toClient.isEmpty)
        let absent = gate.step(.due, later: 1)
        #expect(absent.toDaemon == [.withdraw(number: number)])
        #expect(try absent.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D304")
        #expect(absent.records.map { $0["outcome"] ?? $0["reason"] } == ["lost", "D304"])
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
        #expect(gate.nextDue == nil)
    }

    @Test("a daemon that comes while another is missed has its own time; where nothing is listed nobody is asked")
    func presenceOfTheNext() throws {
        let gate = try Conversation()
        gate.daemonIsThere = false
        let number = try Self.held(gate)
        _ = gate.daemon(number, .held(approval: Self.id))
        #expect(gate.step(.due, later: 1_000_000_000).toDaemon == [.presence])
        guard case .request(let again, _)? = gate.step(.daemon(.adopted), later: 9_900_000_000).toDaemon.last else {
            throw Conversation.Outcome.NotAsked()
        }
        #expect(gate.step(.due, later: 200_000_000).toClient.isEmpty, "the first one's silence is not its own")
        _ = gate.daemon(again, .held(approval: Self.id))
        #expect(gate.daemon(again, .granted(approval: Self.id, by: "x")).toServer.count == 1)
        #expect(gate.nextDue == nil && gate.step(.due, later: 2_000_000_000).toDaemon.isEmpty)
        // What was asked and not answered when the last one ended says nothing about the next.
        let next = try Self.held(gate, Conversation.call("2", "refund"))
        _ = gate.daemon(next, .held(approval: Self.id))
        #expect(gate.step(.due, later: 1_000_000_000).toDaemon == [.presence])
        #expect(gate.daemon(next, .denied(approval: Self.id, by: "x", why: nil)).toClient.count == 1)
        let third = try Self.held(gate, Conversation.call("3", "refund"))
        _ = gate.daemon(third, .held(approval: Self.id))
        #expect(gate.step(.due, later: 10_000_000_000).toClient.isEmpty)
        _ = gate.daemon(third, .granted(approval: Self.id, by: "x"))
        #expect(gate.step(.daemon(.present)).toDaemon.isEmpty && gate.nextDue == nil)
    }

    // MARK: Ends

    @Test("a call that was cancelled never runs, and its id is free again")
    func cancels() throws {
        let gate = try Conversation()
        let number = try Self.held(gate)
        let cancelled = gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
        #expect(cancelled.toServer.isEmpty && cancelled.toClient.isEmpty && cancelled.toDaemon == [.withdraw(number: number)])
        #expect(cancelled.records.map { $0["outcome"] } == ["cancelled"])
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
        #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1)
    }

    @Test("the end of the client drops what waits; the end of the server answers it", arguments: [Side.client, .server])
    func ends(_ side: Side) throws {
        let gate = try Conversation()
        let number = try Self.held(gate)
        _ = gate.daemon(number, .held(approval: Self.id))
        let end = gate.step(.ended(side))
        #expect(end.toDaemon == [.withdraw(number: number)] && end.toServer.isEmpty)
        #expect(end.toClient.count == (side == .client ? 0 : 1))
        if side == .server { #expect(try end.answer()["result"]?["_meta"] == nil && end.answer()["error"]?["message"] != nil) }
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
    }

    @Test("what cannot be recorded is not asked, and a grant that cannot be recorded forwards nothing")
    func unrecorded() throws {
        let gate = try Conversation()
        let outcome = gate.unrecorded(.client, Conversation.call("1", "refund"))
        #expect(outcome.toDaemon.isEmpty && outcome.toServer.isEmpty)
        #expect(try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        gate.recordsAgain(lastNumber: 7)
        let number = try Self.held(gate)
        let lost = gate.unrecorded(.daemon(DaemonMessage(number: number, .granted(approval: Self.id, by: "x"))))
        #expect(lost.toServer.isEmpty)
        #expect(try lost.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.isEmpty)
    }

    @Test("a grant that comes while nothing can be recorded forwards nothing, whoever gives it")
    func grantedUnrecorded() throws {
        let gate = try Conversation(callerDecides: true)
        gate.initialize("2025-11-25", capabilities: Self.forms)
        let number = try Self.held(gate), other = try Self.held(gate, Conversation.call("2", "refund"))
        let question = try gate.daemon(other, .held(approval: Self.id)).answer()
        _ = gate.unrecorded(.client, Conversation.call("3", "get_a"))
        for (id, granted) in [
            (1, gate.daemon(number, .granted(approval: Self.id, by: "x"))), (2, gate.client(try Self.reply(question, Self.yes))),
        ] {
            #expect(granted.toServer.isEmpty && granted.records.isEmpty)
            let answer = try granted.answer()
            #expect(answer["id"]?.int64 == Int64(id) && answer["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        }
        #expect(gate.recordsAgain(lastNumber: 7).last?["inputs"] == 3)
        #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1, "its id is free again")
    }

    @Test("arguments beyond 64 KiB are not asked about, and so are calls beyond 256 at a time")
    func bounds() throws {
        let gate = try Conversation()
        func call(_ id: Int, _ count: Int) -> Conversation.Outcome {
            gate.client(Conversation.call("\(id)", "refund", #"{"x":"\#(String(repeating: "x", count: count))"}"#))
        }
        #expect(call(0, 65_536).blocked == "D124")
        #expect(call(1, 65_000).toDaemon.count == 1)
        let outcomes = (2...300).map { call($0, 1) }
        #expect(outcomes.filter { $0.toDaemon.count == 1 }.count == 255)
        #expect(outcomes.suffix(44).allSatisfy { ((try? $0.answer())?["result"]?["_meta"]?["io.sandboxd/decision"]?["code"]) == "D303" })
    }

    // MARK: In the client's window

    @Test("a client of the legacy era that takes forms is asked; accepted, the call is made", arguments: ["2025-06-18", "2025-11-25"])
    func asksLegacy(_ version: String) throws {
        let gate = try Conversation(callerDecides: true)
        gate.initialize(version, capabilities: Self.forms)
        let number = try Self.held(gate, Conversation.call("1", "refund", #"{"to":"\u202e\u0007x"}"#))
        let question = try gate.daemon(number, .held(approval: Self.id)).answer()
        #expect(question["method"] == "elicitation/create")
        #expect(question["id"]?.string?.hasPrefix("sandboxd-") == true)
        let message = try #require(question["params"]?["message"]?.string)
        #expect(message.contains("refund") && message.contains("Rule big") && message.contains(Self.id))
        #expect(message.contains(#"\u{202E}"#) && !message.contains("\u{202E}"))
        #expect(question["params"]?["requestedSchema"]?["required"] == ["approve"])
        let outcome = gate.client(try Self.reply(question, Self.yes))
        #expect(outcome.toServer.count == 1 && outcome.toDaemon == [.accepted(number: number)])
        #expect(outcome.records[0]["reply"] == "accepted")
        let again = gate.client(try Self.reply(question, Self.yes))
        #expect(again.toServer.isEmpty && again.blocked == "D210")
    }

    @Test(
        "everything but a clear yes is a no",
        arguments: [
            #"{"action":"decline"}"#, #"{"action":"cancel"}"#, #"{"action":"accept"}"#, #"{"action":"accept","content":{}}"#,
            #"{"action":"accept","content":{"approve":false}}"#, #"{"action":"accept","content":{"approve":"true"}}"#,
            #"{"action":"accept","content":[true]}"#, #"{"action":"ACCEPT","content":{"approve":true}}"#, #"{}"#, #"{"action":1}"#,
        ])
    func declines(_ result: String) throws {
        let gate = try Conversation(callerDecides: true)
        gate.initialize(capabilities: Self.forms)
        let number = try Self.held(gate)
        let question = try gate.daemon(number, .held(approval: Self.id)).answer()
        let outcome = gate.client(try Self.reply(question, result))
        #expect(outcome.toServer.isEmpty)
        #expect(try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D121")
        #expect(gate.client(try Self.reply(question, Self.yes)).toServer.isEmpty)
    }

    @Test("a client that cannot ask after all leaves the call in line, for others to decide")
    func cannotAsk() throws {
        let gate = try Conversation(callerDecides: true)
        gate.initialize(capabilities: Self.forms)
        let number = try Self.held(gate)
        let question = try gate.daemon(number, .held(approval: Self.id)).answer()
        let error = #"{"jsonrpc":"2.0","id":"\#(try #require(question["id"]?.string))","error":{"code":-32600,"message":"no"}}"#
        let outcome = gate.client(error)
        #expect(outcome.toClient.isEmpty && outcome.toDaemon.isEmpty && outcome.toServer.isEmpty)
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toServer.count == 1)
    }

    @Test("a decision from elsewhere takes the question back; a late answer to it does nothing")
    func takesBack() throws {
        let gate = try Conversation(callerDecides: true)
        gate.initialize(capabilities: Self.forms)
        let number = try Self.held(gate)
        let question = try gate.daemon(number, .held(approval: Self.id)).answer()
        let denied = gate.daemon(number, .denied(approval: Self.id, by: "x", why: nil))
        #expect(denied.toClient.count == 2)
        #expect(try JSON(parsing: Array(denied.toClient[0].utf8))["params"]?["requestId"] == question["id"])
        #expect(gate.client(try Self.reply(question, Self.yes)).toServer.isEmpty)
    }

    @Test(
        "who is not asked: where the caller does not decide, without forms, or before 2025-06-18",
        arguments: [
            (false, "2025-06-18", #"{"elicitation":{}}"#), (true, "2025-06-18", "{}"), (true, "2025-06-18", #"{"elicitation":{"url":{}}}"#),
            (true, "2025-03-26", #"{"elicitation":{}}"#), (true, "2025-06-18", #"{"elicitation":true}"#),
        ])
    func isNotAsked(_ decides: Bool, _ version: String, _ capabilities: String) throws {
        let gate = try Conversation(callerDecides: decides)
        gate.initialize(version, capabilities: capabilities)
        let held = gate.client(Conversation.call("1", "refund"))
        guard case .request(let number, .hold(let call))? = held.toDaemon.first else { throw Conversation.Outcome.NotAsked() }
        #expect(!call.isAskedInline)
        #expect(gate.daemon(number, .held(approval: Self.id)).toClient.isEmpty)
    }

    // MARK: The modern era

    private static func modern(
        _ id: Int, _ arguments: String = #"{"amount":900}"#, _ more: String = "", tool: String = "refund",
        able: String = #"{"elicitation":{"form":{}}}"#
    ) -> String {
        let meta =
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":\#(able)}"#
        return
            #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments),"_meta":\#(meta)\#(more)}}"#
    }

    private static func answered(_ state: String, _ result: String = yes) -> String {
        #","inputResponses":{"approval":\#(result)},"requestState":"\#(state)""#
    }

    private static func asked(_ gate: Conversation, _ id: Int = 1) throws -> (number: Int64, state: String) {
        let number = try held(gate, modern(id))
        let outcome = gate.daemon(number, .held(approval: Self.id))
        #expect(outcome.toDaemon == [.detach(number: number)])
        let result = try #require(try outcome.answer()["result"])
        #expect(result["resultType"] == "input_required")
        #expect(result["inputRequests"]?["approval"]?["method"] == "elicitation/create")
        return (number, try #require(result["requestState"]?.string))
    }

    @Test("a client of the modern era is answered with the question; the same call with the answer is made once, without it")
    func asksModern() throws {
        let gate = try Conversation(callerDecides: true)
        let (number, state) = try Self.asked(gate)
        let outcome = gate.client(Self.modern(2, #"{ "amount":9e2 }"#, Self.answered(state)))
        // What the policy does not permit to servers is the gate's to ask.
        #expect(outcome.toServer == [Self.modern(2, #"{"amount":9e2}"#, able: "{}")])
        #expect(outcome.toDaemon == [.accepted(number: number)])
        let again = gate.client(Self.modern(3, #"{"amount":900}"#, Self.answered(state)))
        #expect(again.toServer.isEmpty)
        #expect(again.blocked == "D125")
    }

    @Test("the state is good for the same tool and arguments only, whole, and not for long")
    func bindsState() throws {
        let gate = try Conversation(
            [Rule(id: "big", tools: Conversation.patterns("refund", "other"), effect: .ask)] + Conversation.rules, callerDecides: true)
        let (_, state) = try Self.asked(gate)
        var changed = Array(state.utf8)
        changed[changed.count - 1] ^= 1
        let parts = state.split(separator: ".").map(String.init)
        let forged = [
            String(decoding: changed, as: UTF8.self), state + "0", String(state.dropLast()), state.uppercased(), "",
            "sandboxd.1.\(Self.id).18446744073709551615.\(parts[4])", "sandboxd.1.other.\(parts[3]).\(parts[4])",
        ]
        for text in forged {
            let reason = text.hasPrefix("sandboxd.") ? "D125" : "D221"
            #expect(gate.client(Self.modern(9, #"{"amount":900}"#, Self.answered(text))).blocked == reason, "\(text)")
        }
        #expect(gate.client(Self.modern(9, #"{"amount":9000}"#, Self.answered(state))).blocked == "D125")
        #expect(gate.client(Self.modern(9, #"{"amount":900}"#, Self.answered(state), tool: "other")).blocked == "D125")
        #expect(gate.client(Self.modern(9, "{}", Self.answered(state), tool: "get_a")).blocked == "D125")
        #expect(gate.client(Self.modern(9, #"{"amount":900}"#, #","requestState":"\#(state)""#)).blocked == "D221")
        #expect(try Conversation(callerDecides: true).client(Self.modern(9, #"{"amount":900}"#, Self.answered(state))).blocked == "D125")
        _ = gate.step(.due, later: 900_000_000_000)
        #expect(gate.client(Self.modern(9, #"{"amount":900}"#, Self.answered(state))).blocked == "D125")
    }

    @Test("declined is denied, and the state is spent")
    func declinesModern() throws {
        let gate = try Conversation(callerDecides: true)
        let (number, state) = try Self.asked(gate)
        let denied = gate.client(Self.modern(2, #"{"amount":900}"#, Self.answered(state, #"{"action":"decline"}"#)))
        #expect(denied.toServer.isEmpty && denied.toDaemon == [.withdraw(number: number)])
        #expect(try denied.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D121")
        #expect(gate.client(Self.modern(3, #"{"amount":900}"#, Self.answered(state))).blocked == "D125")
    }

    // MARK: All orders

    @Test("in whatever order things happen, a call runs at most once, only after a grant, and each is answered once", arguments: 1...60)
    func orders(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let gate = try Conversation(callerDecides: Bool.random(using: &random))
        gate.initialize(capabilities: Self.forms)
        var world = HoldWorld()
        for _ in 0..<600 { try world.step(gate, &random) }
        world.check(seed)
    }
}

/// What a test believes of the calls that it made; the truth is what the server got.
private struct HoldWorld {
    private var next = 1
    /// Numbers of requests, by the call's id.
    private var open: [Int64: Int] = [:]
    private var questions: [String: Int] = [:]
    private var granted: Set<Int> = []
    private var forwarded: [Int: Int] = [:]
    private var answered: [Int: Int] = [:]
    private var taken: Set<Int> = []

    mutating func step(_ gate: Conversation, _ random: inout SeededGenerator) throws {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1, 2: try call(gate, &random)
        case 3: answer(gate, &random) { .held(approval: "a\($0)") }
        case 4, 5:
            answer(gate, &random, ending: true) { .granted(approval: "a\($0)", by: "x") }
        case 6: answer(gate, &random) { .denied(approval: "a\($0)", by: "x", why: nil) }
        case 7: answer(gate, &random) { .expired(approval: "a\($0)") }
        case 8: cancel(gate, &random)
        case 9: try reply(gate, &random)
        case 10: note(gate.step(.due, later: UInt64.random(in: 0..<20_000_000_000, using: &random)))
        default:
            gate.daemonIsThere = Bool.random(using: &random)
            note(gate.step(Bool.random(using: &random) ? .daemonLost : .daemon(.adopted)))
        }
    }

    private mutating func call(_ gate: Conversation, _ random: inout SeededGenerator) throws {
        let id = next
        next += 1
        let line = Conversation.call("\(id)", "refund", #"{"n":\#(id)}"#)
        if Int.random(in: 0..<8, using: &random) == 0 {
            let lost = gate.unrecorded(.client, line)
            gate.recordsAgain(lastNumber: 7)
            return note(lost)
        }
        note(gate.client(line))
    }

    private mutating func answer(
        _ gate: Conversation, _ random: inout SeededGenerator, ending isGrant: Bool = false, _ make: (Int) -> DaemonAnswer
    ) {
        guard let (number, id) = open.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        if isGrant { granted.insert(id) }
        note(gate.daemon(number, make(id)))
    }

    private mutating func cancel(_ gate: Conversation, _ random: inout SeededGenerator) {
        guard next > 1 else { return }
        let id = Int.random(in: 1..<next, using: &random)
        guard forwarded[id] == nil else { return }
        taken.insert(id)
        note(gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#))
    }

    private mutating func reply(_ gate: Conversation, _ random: inout SeededGenerator) throws {
        guard let (question, id) = questions.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        let isYes = Bool.random(using: &random)
        if isYes { granted.insert(id) }
        let result = isYes ? #"{"action":"accept","content":{"approve":true}}"# : #"{"action":"cancel"}"#
        note(gate.client(#"{"jsonrpc":"2.0","id":"\#(question)","result":\#(result)}"#))
    }

    private mutating func note(_ outcome: Conversation.Outcome) {
        for message in outcome.toDaemon {
            if case .request(let number, .hold(let call)) = message, let id = Self.number(in: call.arguments) { open[number] = id }
        }
        for line in outcome.toServer {
            guard let json = try? JSON(parsing: Array(line.utf8)), json["method"] == "tools/call",
                let id = json["id"]?.int64.map({ Int($0) })
            else { continue }
            #expect(granted.contains(id), "\(id) ran without a grant")
            #expect(!taken.contains(id), "\(id) ran after it was cancelled")
            forwarded[id, default: 0] += 1
        }
        for line in outcome.toClient {
            guard let json = try? JSON(parsing: Array(line.utf8)) else { continue }
            if json["method"] == "elicitation/create", let id = json["id"]?.string, let message = json["params"]?["message"]?.string {
                questions[id] = message.split(separator: "\n").compactMap { Self.number(in: String($0.drop { $0 != "{" })) }.first
            } else if json["result"] != nil || json["error"] != nil, let id = json["id"]?.int64 {
                answered[Int(id), default: 0] += 1
            }
        }
    }

    private static func number(in arguments: String) -> Int? {
        (try? JSON(parsing: Array(arguments.utf8)))?["n"]?.int64.map { Int($0) }
    }

    func check(_ seed: Int) {
        #expect(forwarded.values.allSatisfy { $0 == 1 }, "seed \(seed): forwarded \(forwarded)")
        #expect(answered.values.allSatisfy { $0 == 1 }, "seed \(seed): answered \(answered)")
        for id in forwarded.keys { #expect(answered[id] == nil, "seed \(seed): \(id) was made and blocked") }
        #expect(!forwarded.isEmpty)
    }
}
