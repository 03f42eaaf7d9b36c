import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// What a server asks for within results and errors, and a person decides about.
@Suite struct RoundHoldTests {
    private static let sampling =
        #"{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text","text":"x"}}],"maxTokens":5}}"#
    private static let roots = #"{"method":"roots/list"}"#
    private static let sample = #"{"role":"assistant","content":{"type":"text","text":"y"},"model":"m"}"#

    private static func call(_ id: String, _ more: String = "", able: String = MessageHoldTests.able) -> String {
        Conversation.request(id, "tools/call", #""name":"get_a","arguments":{"a":1}\#(more)"#, era: .modern, capabilities: able)
    }

    private static func asks(_ id: String, _ requests: String) -> String {
        Conversation.result(id, #"{"resultType":"input_required","inputRequests":\#(requests),"requestState":"s1"}"#)
    }

    /// A gate whose call 1 the server answered by these questions, and the numbers under which the daemon is asked.
    private static func asked(
        _ requests: String, _ clause: MessagesClause = MessageHoldTests.asking, callerDecides: Bool = false
    ) throws -> (gate: Conversation, line: String, numbers: [Int64]) {
        let gate = try Conversation(messages: MessageRules(policy: clause), callerDecides: callerDecides)
        gate.client(call("1"))
        let line = asks("1", requests)
        let outcome = gate.server(line)
        #expect(outcome.toClient.isEmpty && outcome.toServer.isEmpty)
        let numbers = outcome.toDaemon.compactMap { message -> Int64? in
            guard case .request(let number, .hold(let call)) = message, !call.isAskedInline else { return nil }
            return number
        }
        #expect(outcome.records.map { $0["decision"] } == numbers.map { _ in "hold" })
        #expect(outcome.records.allSatisfy { $0["within"] == 1 })
        return (gate, line, numbers)
    }

    private static func code(_ outcome: Conversation.Outcome) throws -> String? {
        try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"]?.string
    }

    @Test("granted, the result is passed on once, and its answer is taken", arguments: [true, false])
    func grants(_ callerDecides: Bool) throws {
        let (gate, line, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#, callerDecides: callerDecides)
        try #require(numbers.count == 1)
        #expect(gate.client(Self.call("1")).blocked == "D208", "its id is taken")
        let early = gate.client(Self.call("2", #","inputResponses":{"q":\#(Self.sample)},"requestState":"s1""#))
        #expect(early.blocked == "D221")
        #expect(gate.daemon(numbers[0], .held(approval: "a")).toClient.isEmpty)
        let outcome = gate.daemon(numbers[0], .granted(approval: "a", by: "x"))
        #expect(outcome.toClient == [line])
        #expect(outcome.records.map { $0["outcome"] ?? $0["decision"] ?? $0["status"] } == ["granted", "forward", 1])
        #expect(outcome.records.last?["status"] == "input-required")
        #expect(gate.daemon(numbers[0], .granted(approval: "a", by: "x")).toClient.isEmpty)
        #expect(gate.client(Self.call("3", #","inputResponses":{"q":\#(Self.sample)},"requestState":"s1""#)).toServer.count == 1)
    }

    @Test("denied, expired, or without a daemon the model is told, and the server's words stay here")
    func refuses() throws {
        for (answer, code) in [
            (.denied(approval: "a", by: "alice", why: "no"), "D121"), (.expired(approval: "a"), "D123"), (.failed("x"), "D103"),
            (.unavailable("x"), "D305"),
        ] as [(DaemonAnswer, String)] {
            let (gate, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#)
            let outcome = gate.daemon(numbers[0], answer)
            #expect(try Self.code(outcome) == code)
            #expect(!outcome.toClient[0].contains("input_required") && outcome.toClient[0].contains("not passed on"))
            if code == "D121" { #expect(outcome.toClient[0].contains("alice denied sampling/createMessage: no")) }
            #expect(outcome.records.contains { $0["status"] == "withheld" })
            #expect(try OfficialSchema.of(.july2026).faults(in: outcome.toClient[0]) == [])
            #expect(gate.client(Self.call("1", #","requestState":"s1""#)).blocked == "D221")
        }
        let (gate, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#)
        let absent = gate.step(.due, later: 10_000_000_001)
        #expect(try Self.code(absent) == "D304")
        #expect(absent.toDaemon == [.withdraw(number: numbers[0])])
    }

    @Test("of several questions each needs a person; one that is denied ends all")
    func several() throws {
        let both = #"{"q":\#(Self.sampling),"r":\#(Self.roots)}"#
        let (gate, line, numbers) = try Self.asked(both)
        try #require(numbers.count == 2)
        #expect(gate.daemon(numbers[1], .granted(approval: "b", by: "x")).toClient.isEmpty)
        #expect(gate.daemon(numbers[0], .granted(approval: "a", by: "x")).toClient == [line])
        let (other, _, open) = try Self.asked(both)
        _ = other.daemon(open[1], .held(approval: "b"))
        let denied = other.daemon(open[0], .denied(approval: "a", by: "x", why: nil))
        #expect(denied.toDaemon == [.withdraw(number: open[1])])
        #expect(try Self.code(denied) == "D121")
        #expect(denied.records.compactMap { $0["outcome"]?.string } == ["denied", "cancelled"])
        #expect(other.daemon(open[1], .granted(approval: "b", by: "x")).toClient.isEmpty)
    }

    @Test("after the wait the model is told to call again, and what was granted meanwhile is good for that")
    func waits() throws {
        let (gate, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling),"r":\#(Self.roots)}"#)
        for (index, number) in numbers.enumerated() { _ = gate.daemon(number, .held(approval: "id\(index)")) }
        _ = gate.daemon(numbers[0], .granted(approval: "id0", by: "x"))
        let late = gate.step(.due, later: 45_000_000_000)
        #expect(try Self.code(late) == "D122")
        #expect(late.toClient[0].contains("approvals show id1") && late.toClient[0].contains("Retry the same call after approval"))
        #expect(late.toDaemon == numbers.map { .detach(number: $0) })
        // What another daemon never granted is nothing to it.
        let (second, _, first) = try Self.asked(#"{"q":\#(Self.sampling),"r":\#(Self.roots)}"#)
        _ = second.daemon(first[0], .granted(approval: "id0", by: "x"))
        guard case .request(let number, _)? = second.step(.daemon(.adopted)).toDaemon.last else { throw Conversation.Outcome.NotAsked() }
        _ = second.daemon(number, .held(approval: "id1"))
        #expect(second.step(.due, later: 45_000_000_000).toDaemon == [.detach(number: number)])
    }

    @Test("nobody is asked about a result that is refused for another reason; what needs nobody is not held")
    func asksNotInVain() throws {
        var clause = MessageHoldTests.asking
        clause.roots = Located(.deny, at: Conversation.place)
        let gate = try Conversation(messages: MessageRules(policy: clause))
        gate.client(Self.call("1"))
        let denied = gate.server(Self.asks("1", #"{"q":\#(Self.sampling),"r":\#(Self.roots)}"#))
        #expect(denied.toDaemon.isEmpty && denied.reasons.contains("D110"))
        clause.roots = Located(.allow, at: Conversation.place)
        let (mixed, line, numbers) = try Self.asked(#"{"r":\#(Self.roots),"q":\#(Self.sampling)}"#, clause)
        #expect(numbers.count == 1)
        #expect(mixed.daemon(numbers[0], .granted(approval: "a", by: "x")).toClient == [line])
        let free = try Conversation(messages: MessageRules(policy: clause))
        free.client(Self.call("1"))
        #expect(free.server(Self.asks("1", #"{"r":\#(Self.roots)}"#)).toClient.count == 1)
        let unable = try Conversation(messages: MessageRules(policy: MessageHoldTests.asking))
        unable.client(Self.call("1", able: "{}"))
        #expect(try Self.code(unable.server(Self.asks("1", #"{"q":\#(Self.sampling)}"#))) == "D222")
    }

    @Test("more questions than a person is asked at a time, or longer ones, are withheld as a whole")
    func bounds() throws {
        let many = (0..<33).map { #""q\#($0)":\#(Self.roots)"# }.joined(separator: ",")
        let long = Self.sampling.replacing(#""x""#, with: "\"\(String(repeating: "x", count: 65_536))\"")
        for (requests, code) in [("{\(many)}", "D303"), (#"{"r":\#(Self.roots),"q":\#(long)}"#, "D124")] {
            let gate = try Conversation(messages: MessageRules(policy: MessageHoldTests.asking))
            gate.client(Self.call("1"))
            let outcome = gate.server(Self.asks("1", requests))
            #expect(outcome.toDaemon.isEmpty)
            #expect(try Self.code(outcome) == code)
            #expect(outcome.records.contains { $0["status"] == "withheld" })
        }
    }

    @Test("a call that is cancelled while its questions wait gets nothing, and its id is free")
    func cancels() throws {
        let (gate, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#)
        let cancelled = gate.client(Conversation.notification("notifications/cancelled", #""requestId":1"#))
        #expect(cancelled.toClient.isEmpty && cancelled.toDaemon == [.withdraw(number: numbers[0])])
        #expect(cancelled.records.compactMap { ($0["outcome"] ?? $0["status"])?.string } == ["cancelled", "withheld"])
        #expect(cancelled.records.last?["cancelled"] == true)
        #expect(gate.daemon(numbers[0], .granted(approval: "a", by: "x")).toClient.isEmpty)
        #expect(gate.client(Self.call("1")).toServer.count == 1)
    }

    @Test("the end of either side takes back what waits; who waits for a server that is gone is told", arguments: [Side.client, .server])
    func ends(_ side: Side) throws {
        let (gate, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#)
        let end = gate.step(.ended(side))
        #expect(end.toDaemon == [.withdraw(number: numbers[0])])
        #expect(end.toClient.count == (side == .client ? 0 : 1))
        #expect(!end.toClient.joined().contains("input_required"))
        #expect(gate.daemon(numbers[0], .granted(approval: "a", by: "x")).toClient.isEmpty)
    }

    @Test("questions that cannot be recorded are asked of nobody, and none of them is taken back that the daemon never heard of")
    func unrecorded() throws {
        let gate = try Conversation(messages: MessageRules(policy: MessageHoldTests.asking))
        gate.client(Self.call("1"))
        let outcome = gate.unrecorded(.server, Self.asks("1", #"{"q":\#(Self.sampling),"r":\#(Self.roots)}"#))
        #expect(outcome.toDaemon.isEmpty)
        #expect(try Self.code(outcome) == "D301")
        let (other, _, numbers) = try Self.asked(#"{"q":\#(Self.sampling)}"#)
        let lost = other.unrecorded(.daemon(DaemonMessage(number: numbers[0], .granted(approval: "a", by: "x"))))
        #expect(try Self.code(lost) == "D301")
        #expect(!lost.toClient[0].contains("input_required"))
    }

    @Test("the client of the call hears of the wait where it asked for that")
    func progress() throws {
        let gate = try Conversation(messages: MessageRules(policy: MessageHoldTests.asking))
        gate.client(Self.call("1").replacing(#""_meta":{"#, with: #""_meta":{"progressToken":"p","#))
        let number = try gate.server(Self.asks("1", #"{"q":\#(Self.sampling)}"#)).asked()
        let told = gate.daemon(number, .held(approval: "a")).toClient + gate.step(.due, later: 5_000_000_000).toClient
        #expect(told.count == 2 && told.allSatisfy { $0.contains(#""progressToken":"p""#) && $0.contains("approval id a") })
    }

    @Test("an error that sends people somewhere waits like the request", arguments: [true, false])
    func elicitationRequired(_ grants: Bool) throws {
        let error =
            #"{"code":-32042,"message":"go","data":{"elicitations":[{"mode":"url","message":"go","url":"https://example.org/","elicitationId":"e"}]}}"#
        let gate = try MessageHoldTests.gate(callerDecides: true)
        gate.client(Conversation.call("1", "get_a"))
        let line = #"{"jsonrpc":"2.0","id":1,"error":\#(error)}"#
        let asked = gate.server(line)
        let number = try asked.asked()
        #expect(asked.toClient.isEmpty)
        #expect(gate.daemon(number, .held(approval: "a")).toClient.isEmpty)
        let done = Conversation.notification("notifications/elicitation/complete", #""elicitationId":"e""#)
        #expect(gate.server(done).blocked == "D211")
        if grants {
            #expect(gate.daemon(number, .granted(approval: "a", by: "x")).toClient == [line])
            #expect(gate.server(done).toClient == [done])
        } else {
            let denied = gate.daemon(number, .denied(approval: "a", by: "x", why: nil))
            #expect(try Self.code(denied) == "D121")
            #expect(!denied.toClient.joined().contains("example.org"))
        }
    }
}
