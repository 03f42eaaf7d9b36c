import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import TestSupport
import Testing

/// What a server asks the client for by requests of its own, and a person decides about.
@Suite struct MessageHoldTests {
    static let able = #"{"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"roots":{}}"#
    static let id = "k7q2m-4x9dz"
    static let asking = MessagesClause(
        resources: Conversation.grant("*"), prompts: Conversation.grant("*"), sampling: Located(.ask, at: Conversation.place),
        elicitation: Located(.ask, at: Conversation.place), roots: Located(.ask, at: Conversation.place))

    static func gate(
        _ clause: MessagesClause = asking, callerDecides: Bool = false, able: String = able, version: String = "2025-11-25",
        layers: [MessageRules.Layer] = []
    ) throws -> Conversation {
        let gate = try Conversation(messages: MessageRules(policy: clause, layers: layers), callerDecides: callerDecides)
        gate.initialize(version, capabilities: able)
        return gate
    }

    struct Kind: Sendable, CustomTestStringConvertible {
        let kind: MessageKind
        let method: String
        let params: String
        /// What an approver sees.
        let shown: String
        /// What a client answers.
        let answer: String

        var testDescription: String { method }

        func line(_ id: String = #""s""#, more: String = "") -> String {
            Conversation.request(id, method, [params, more].filter { !$0.isEmpty }.joined(separator: ","))
        }

        static let all = [
            Kind(
                kind: .sampling, method: "sampling/createMessage",
                params: #""messages":[{"role":"user","content":{"type":"text","text":"x"}}],"maxTokens":5.0"#,
                shown: #"{"maxTokens":5,"messages":[{"content":{"text":"x","type":"text"},"role":"user"}]}"#,
                answer: #"{"role":"assistant","content":{"type":"text","text":"y"},"model":"m"}"#),
            Kind(
                kind: .elicitation, method: "elicitation/create",
                params: #""message":"your name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}"#,
                shown: #"{"message":"your name?","requestedSchema":{"properties":{"name":{"type":"string"}},"type":"object"}}"#,
                answer: #"{"action":"accept","content":{"name":"ann"}}"#),
            Kind(kind: .roots, method: "roots/list", params: "", shown: "{}", answer: #"{"roots":[{"uri":"file:///srv"}]}"#),
        ]
    }

    /// What the server is told in the place of an answer.
    static func told(_ outcome: Conversation.Outcome) throws -> (id: JSON?, code: String?, text: String?) {
        try #require(outcome.toServer.count == 1)
        let json = try JSON(parsing: Array(outcome.toServer[0].utf8))
        return (json["id"], json["error"]?["data"]?["code"]?.string, json["error"]?["message"]?.string)
    }

    @Test("what a person is asked about reaches nobody, is recorded, and what the daemon gets says what it is", arguments: Kind.all)
    func holds(_ one: Kind) throws {
        let gate = try Self.gate()
        let outcome = gate.server(one.line(more: #""_meta":{"progressToken":7}"#))
        #expect(outcome.toServer.isEmpty && outcome.toClient.isEmpty)
        #expect(outcome.records.map { $0["decision"] } == ["hold"])
        #expect(outcome.records[0]["method"]?.string == one.method && outcome.records[0]["side"] == "server")
        #expect(outcome.records[0]["tool"] == nil && outcome.records[0]["rule"]?.string == "messages.\(one.kind.rawValue)")
        let call = HeldCall(
            tool: one.method, arguments: one.shown, rule: "messages.\(one.kind.rawValue)", message: one.kind)
        #expect(outcome.toDaemon == [.request(number: 1, .hold(call))])
        #expect(outcome.people.contains("hold from server: \(one.method)"))
        // Its id is taken, and nothing that is not forwarded can be answered.
        #expect(gate.server(one.line()).blocked == "D208")
        #expect(gate.client(Conversation.result(#""s""#, one.answer)).blocked == "D210")
    }

    @Test("granted, it is passed on once; denied, expired or failed, the server is told and the client knows nothing", arguments: Kind.all)
    func decides(_ one: Kind) throws {
        let granted = try Self.gate()
        let number = try granted.server(one.line()).asked()
        #expect(granted.daemon(number, .held(approval: Self.id)).toClient.isEmpty)
        let outcome = granted.daemon(number, .granted(approval: Self.id, by: "alice"))
        #expect(outcome.toClient == [one.line()] && outcome.toServer.isEmpty)
        #expect(outcome.records.map { $0["outcome"] ?? $0["decision"] } == ["granted", "forward"])
        #expect(outcome.records[0]["by"] == "alice" && outcome.records[0]["hold"] == 1)
        #expect(granted.daemon(number, .granted(approval: Self.id, by: "alice")).toClient.isEmpty)
        #expect(granted.client(Conversation.result(#""s""#, one.answer)).toServer == [Conversation.result(#""s""#, one.answer)])
        for (answer, code) in [
            (.denied(approval: Self.id, by: "alice", why: "not now"), "D121"), (.expired(approval: Self.id), "D123"),
            (.failed("x"), "D103"), (.unavailable("x"), "D305"), (.leased, "D103"),
        ] as [(DaemonAnswer, String)] {
            let gate = try Self.gate()
            let denied = gate.daemon(try gate.server(one.line()).asked(), answer)
            let told = try Self.told(denied)
            #expect(told.id == "s" && told.code == code && denied.toClient.isEmpty)
            if code == "D121" { #expect(told.text?.contains("alice denied \(one.method): not now") == true) }
            #expect(try OfficialSchema.of(.november2025).faults(in: denied.toServer[0]) == [])
            #expect(gate.server(one.line()).toDaemon.count == 1, "its id is free again")
        }
    }

    @Test("after the wait the server is told the approval id and to ask again; what is decided later passes nothing on by itself")
    func waits() throws {
        let gate = try Self.gate()
        let number = try gate.server(Kind.all[0].line()).asked()
        _ = gate.daemon(number, .held(approval: Self.id))
        let late = gate.step(.due, later: 45_000_000_000)
        #expect(late.toDaemon == [.detach(number: number)] && late.toClient.isEmpty)
        let told = try Self.told(late)
        #expect(told.code == "D122" && told.text?.contains("Ask again after approval") == true && told.text?.contains(Self.id) == true)
        #expect(late.records.map { $0["outcome"] ?? $0["reason"] } == ["left", "D122"])
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
        #expect(gate.nextDue == nil)
        // Asked again, the daemon has a grant for it.
        let again = try gate.server(Kind.all[0].line(#""t""#)).asked()
        #expect(gate.daemon(again, .granted(approval: Self.id, by: "x")).toClient == [Kind.all[0].line(#""t""#)])
    }

    @Test("an approver sees what the client would get, but for the token of progress: that is no other question")
    func shows() throws {
        func shown(_ more: String) throws -> String? {
            let outcome = try Self.gate().server(Kind.all[0].line(more: more))
            guard case .request(_, .hold(let call))? = outcome.toDaemon.first else { return nil }
            return call.arguments
        }
        let plain = try shown("")
        #expect(try plain == shown(#""_meta":{"progressToken":1}"#) && plain == shown(#""_meta":{}"#))
        #expect(try shown(#""_meta":{"progressToken":1,"a":2}"#)?.hasPrefix(#"{"_meta":{"a":2},"#) == true)
        #expect(try shown(#""_meta":{"io.sandboxd/decision":1}"#) == plain, "what is not passed on is not shown")
        #expect(try shown(#""includeContext":"allServers""#)?.contains(#""includeContext":"none""#) == true)
        #expect(try shown(#""temperature":1e400"#) == nil)
    }

    @Test("what a client did not declare, or has not its form, nobody is asked about; what somebody denies is denied")
    func asksNotInVain() throws {
        let sampling = Kind.all[0]
        #expect(try Self.gate(able: "{}").server(sampling.line()).blocked == "D222")
        #expect(try Self.gate().server(Conversation.request("1", "sampling/createMessage", #""maxTokens":1"#)).blocked == "D209")
        let denies = MessageRules.Layer(name: "l", messages: MessagesClause(sampling: Located(.deny, at: Conversation.place)))
        #expect(try Self.gate(layers: [denies]).server(sampling.line()).blocked == "D110")
        let asks = MessageRules.Layer(name: "l", messages: MessagesClause(sampling: Located(.ask, at: Conversation.place)))
        guard case .request(_, .hold(let call))? = try Self.gate(Conversation.all, layers: [asks]).server(sampling.line()).toDaemon.first
        else { throw Conversation.Outcome.NotAsked() }
        #expect(call.layer == "l")
    }

    @Test("who cancels its request gets no answer, and nothing of it reaches the client")
    func cancels() throws {
        let gate = try Self.gate()
        let number = try gate.server(Kind.all[0].line("1")).asked()
        _ = gate.daemon(number, .held(approval: Self.id))
        let cancelled = gate.server(Conversation.notification("notifications/cancelled", #""requestId":1"#))
        #expect(cancelled.toServer.isEmpty && cancelled.toClient.isEmpty && cancelled.toDaemon == [.withdraw(number: number)])
        #expect(cancelled.records.map { $0["outcome"] } == ["cancelled"])
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
        #expect(gate.server(Kind.all[0].line("1")).toDaemon.count == 1)
    }

    @Test("the end of either side takes back what waits", arguments: [Side.client, .server])
    func ends(_ side: Side) throws {
        let gate = try Self.gate(callerDecides: true)
        let number = try gate.server(Kind.all[0].line()).asked()
        _ = gate.daemon(number, .held(approval: Self.id))
        let end = gate.step(.ended(side))
        #expect(end.toDaemon == [.withdraw(number: number)] && end.toServer.isEmpty)
        #expect(end.records.first?["outcome"]?.string == (side == .client ? "cancelled" : "lost"))
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
    }

    @Test("a daemon that does not answer is absent; another one is asked again under new numbers")
    func daemonAbsent() throws {
        let silent = try Self.gate()
        let number = try silent.server(Kind.all[0].line()).asked()
        let absent = silent.step(.due, later: 10_000_000_001)
        #expect(absent.toDaemon == [.withdraw(number: number)])
        #expect(try Self.told(absent).code == "D304")
        let replaced = try Self.gate()
        let first = try replaced.server(Kind.all[0].line()).asked()
        _ = replaced.daemon(first, .held(approval: Self.id))
        guard case .request(let second, .hold)? = replaced.step(.daemon(.adopted)).toDaemon.last else {
            throw Conversation.Outcome.NotAsked()
        }
        #expect(replaced.daemon(first, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
        _ = replaced.daemon(second, .held(approval: "other"))
        #expect(replaced.daemon(second, .granted(approval: "other", by: "x")).toClient.count == 1)
    }

    @Test("what cannot be recorded is not asked about, and a grant that cannot be recorded passes nothing on")
    func unrecorded() throws {
        let gate = try Self.gate()
        let outcome = gate.unrecorded(.server, Kind.all[0].line())
        #expect(outcome.toDaemon.isEmpty && outcome.toClient.isEmpty)
        #expect(try Self.told(outcome).code == "D301")
        gate.recordsAgain(lastNumber: 7)
        let number = try gate.server(Kind.all[0].line()).asked()
        let lost = gate.unrecorded(.daemon(DaemonMessage(number: number, .granted(approval: Self.id, by: "x"))))
        #expect(lost.toClient.isEmpty)
        #expect(try Self.told(lost).code == "D301")
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
        #expect(gate.client(Conversation.result(#""s""#, Kind.all[0].answer)).blocked == "D210")
    }

    @Test("a server asks about 32 things at a time and 64 KiB of each; calls are asked about all the same")
    func bounds() throws {
        let gate = try Self.gate()
        let long = String(repeating: "x", count: 65_536)
        let large = gate.server(Kind.all[0].line("0", more: #""systemPrompt":"\#(long)""#))
        #expect(large.blocked == "D124" && large.toDaemon.isEmpty)
        let outcomes = (1...40).map { gate.server(Kind.all[0].line("\($0)")) }
        #expect(outcomes.filter { $0.toDaemon.count == 1 }.count == 32)
        #expect(outcomes.suffix(8).allSatisfy { $0.blocked == "D303" && $0.toServer.count == 1 })
        #expect(gate.client(Conversation.call("1", "refund")).toDaemon.count == 1)
    }

    @Test("what waits keeps its progress token to itself")
    func tokens() throws {
        let gate = try Self.gate()
        let meta = #""_meta":{"progressToken":"p"}"#
        #expect(gate.server(Kind.all[0].line("1", more: meta)).toDaemon.count == 1)
        #expect(gate.server(Kind.all[2].line("2", more: meta)).blocked == "D215")
    }

    // MARK: In the client's window

    private static func form(_ outcome: Conversation.Outcome) throws -> JSON {
        let json = try outcome.answer()
        try #require(json["method"] == "elicitation/create")
        return json
    }

    @Test(
        "whoever runs a client that takes forms is asked about sampling and roots there, and nothing else",
        arguments: Kind.all.filter { $0.kind != .elicitation }, [true, false])
    func asksInWindow(_ one: Kind, _ accepts: Bool) throws {
        let gate = try Self.gate(callerDecides: true)
        let asked = gate.server(one.line())
        let number = try asked.asked()
        guard case .request(_, .hold(let call)) = asked.toDaemon[0] else { throw Conversation.Outcome.NotAsked() }
        #expect(call.isAskedInline)
        let shown = gate.daemon(number, .held(approval: Self.id))
        let form = try Self.form(shown)
        #expect(try OfficialSchema.of(.november2025).faults(in: shown.toClient[0]) == [])
        let text = try #require(form["params"]?["message"]?.string)
        #expect(text.contains(one.shown) && text.contains(Self.id) && text.contains("messages.\(one.kind.rawValue)"))
        let answer = accepts ? #"{"action":"accept","content":{"approve":true}}"# : #"{"action":"decline"}"#
        let decided = gate.client(Conversation.result("\"\(try #require(form["id"]?.string))\"", answer))
        #expect(decided.toDaemon == [accepts ? .accepted(number: number) : .withdraw(number: number)])
        #expect(decided.toClient == (accepts ? [one.line()] : []))
        if !accepts { #expect(try Self.told(decided).code == "D121") }
        #expect(decided.records.first?["reply"]?.string == (accepts ? "accepted" : "declined"))
        #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.isEmpty)
    }

    @Test("an elicitation is decided about in line; a form that cannot be shown, or is overtaken, changes nothing")
    func line() throws {
        let gate = try Self.gate(callerDecides: true)
        let number = try gate.server(Kind.all[1].line()).asked()
        #expect(gate.daemon(number, .held(approval: Self.id)).toClient.isEmpty)
        let other = try gate.server(Kind.all[2].line(#""r""#)).asked()
        let form = try #require(try Self.form(gate.daemon(other, .held(approval: "b")))["id"]?.string)
        #expect(gate.client(#"{"jsonrpc":"2.0","id":"\#(form)","error":{"code":-1,"message":"no"}}"#).toServer.isEmpty)
        #expect(gate.daemon(other, .granted(approval: "b", by: "x")).toClient == [Kind.all[2].line(#""r""#)])
        let third = try gate.server(Kind.all[2].line(#""t""#)).asked()
        let open = try #require(try Self.form(gate.daemon(third, .held(approval: "c")))["id"]?.string)
        let overtaken = gate.daemon(third, .denied(approval: "c", by: "x", why: nil))
        #expect(overtaken.toClient.count == 1 && overtaken.toClient[0].contains("notifications/cancelled"))
        #expect(overtaken.toClient[0].contains(open))
        #expect(gate.client(Conversation.result("\"\(open)\"", #"{"action":"accept","content":{"approve":true}}"#)).blocked == "D210")
    }

    // MARK: What goes on meanwhile

    @Test("calls that gave a token hear that the server waits, until the server itself tells of progress")
    func progress() throws {
        let gate = try Self.gate()
        func call(_ id: Int) -> String {
            Conversation.request("\(id)", "tools/call", #""name":"get_a","_meta":{"progressToken":"p\#(id)"}"#)
        }
        gate.client(call(1))
        gate.client(call(2))
        gate.client(Conversation.call("3", "get_a"))
        gate.server(Conversation.notification("notifications/progress", #""progressToken":"p2","progress":5"#))
        let number = try gate.server(Kind.all[0].line()).asked()
        var told = gate.daemon(number, .held(approval: Self.id)).toClient
        for _ in 0..<3 { told += gate.step(.due, later: 5_000_000_000).toClient }
        let progress = try told.map { try JSON(parsing: Array($0.utf8)) }
        #expect(progress.count == 4 && progress.allSatisfy { $0["params"]?["progressToken"] == "p1" })
        let numbers = progress.compactMap { $0["params"]?["progress"]?.encoded() }.map { String(decoding: $0, as: UTF8.self) }
        #expect(numbers == ["0.001", "0.002", "0.003", "0.004"])
        _ = gate.daemon(number, .granted(approval: Self.id, by: "x"))
        #expect(gate.step(.due, later: 5_000_000_000).toClient.isEmpty)
    }

    @Test("in a batch the answer has its place, whenever it comes", arguments: [true, false])
    func batch(_ grants: Bool) throws {
        let gate = try Self.gate(able: #"{"roots":{}}"#, version: "2025-03-26")
        let asked = gate.server(#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"roots/list"}]"#)
        let number = try asked.asked()
        #expect(asked.toClient.count == 1)
        #expect(gate.client(Conversation.result("1", "{}")).toServer.isEmpty)
        if grants {
            #expect(gate.daemon(number, .granted(approval: Self.id, by: "x")).toClient.count == 1)
            let answered = gate.client(Conversation.result("2", #"{"roots":[]}"#))
            #expect(answered.toServer == [#"[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"result":{"roots":[]}}]"#])
        } else {
            let denied = gate.daemon(number, .denied(approval: Self.id, by: "x", why: nil))
            #expect(denied.toServer.count == 1 && denied.toServer[0].hasPrefix("[") && denied.toServer[0].contains("D121"))
        }
    }

    @Test("what a person may permit is offered to the server")
    func offers() throws {
        let gate = try Conversation(messages: MessageRules(policy: Self.asking))
        let line = Conversation.request("1", "initialize", #""protocolVersion":"2025-11-25","capabilities":\#(Self.able)"#)
        #expect(gate.client(line).toServer == [line])
    }
}
