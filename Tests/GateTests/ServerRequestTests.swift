import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// What servers of the legacy era ask of clients.
@Suite struct ServerRequestTests {
    private static let able = #"{"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true}}"#
    private static let messages = #""messages":[{"role":"user","content":{"type":"text","text":"x"}}],"maxTokens":5"#
    private static let form = #""message":"your name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}"#

    private static func conversation(_ clause: MessagesClause = Conversation.all, able: String = Self.able) throws -> Conversation {
        let gate = try Conversation(messages: clause)
        gate.initialize("2025-11-25", capabilities: able)
        return gate
    }

    @Test(
        "what is permitted reaches the client, and its answer the server, once; both are recorded",
        arguments: [
            (
                "sampling/createMessage", messages, #"{"role":"assistant","content":{"type":"text","text":"y"},"model":"m"}"#,
                "messages.sampling"
            ),
            (
                "sampling/createMessage", messages + #","tools":[{"name":"t","inputSchema":{"type":"object"}}],"includeContext":"none""#,
                #"{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t","input":{}}],"model":"m"}"#, "messages.sampling"
            ),
            ("elicitation/create", form, #"{"action":"accept","content":{"name":"ann"}}"#, "messages.elicitation"),
            ("elicitation/create", #""mode":"form","# + form, #"{"action":"decline"}"#, "messages.elicitation"),
            (
                "elicitation/create", #""mode":"url","message":"go","url":"https://example.org/x?y=1","elicitationId":"e""#,
                #"{"action":"accept"}"#, "messages.elicitation"
            ),
            ("roots/list", "", #"{"roots":[{"uri":"file:///srv"}]}"#, "messages.roots"),
        ])
    func passes(_ method: String, _ params: String, _ answer: String, _ rule: String) throws {
        let gate = try Self.conversation()
        let line = Conversation.request(#""s""#, method, params)
        let asked = gate.server(line)
        #expect(asked.toClient == [line])
        #expect(asked.records.map { $0["decision"] } == ["forward"])
        #expect(asked.records[0]["rule"]?.string == rule)
        #expect(asked.records[0]["side"] == "server")
        let result = Conversation.result(#""s""#, answer)
        let answered = gate.client(result)
        #expect(answered.toServer == [result])
        #expect(answered.records.map { $0["status"] } == ["result"])
        #expect(gate.client(result).blocked == "D210")
    }

    @Test(
        "what is denied never reaches the client, and the server is told",
        arguments: [("sampling/createMessage", messages), ("elicitation/create", form), ("roots/list", "")])
    func denies(_ method: String, _ params: String) throws {
        let gate = try Self.conversation(Conversation.some)
        let outcome = gate.server(Conversation.request(#""s""#, method, params))
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.blocked == "D110")
        let answer = try JSON(parsing: Array(try #require(outcome.toServer.first).utf8))
        #expect(answer["id"] == "s")
        #expect(answer["error"]?["code"] == -32_601)
        #expect(gate.client(Conversation.result(#""s""#, "{}")).blocked == "D210")
    }

    @Test(
        "a client is asked only for what it declared",
        arguments: [
            ("sampling/createMessage", messages, #"{"elicitation":{},"roots":{}}"#),
            ("sampling/createMessage", messages + #","tools":[]"#, #"{"sampling":{}}"#),
            ("sampling/createMessage", messages + #","toolChoice":{"mode":"auto"}"#, #"{"sampling":{}}"#),
            ("elicitation/create", form, #"{"sampling":{}}"#), ("elicitation/create", form, #"{"elicitation":{"url":{}}}"#),
            (
                "elicitation/create", #""mode":"url","message":"go","url":"https://example.org/","elicitationId":"e""#,
                #"{"elicitation":{}}"#
            ),
            ("roots/list", "", "{}"),
        ])
    func needsDeclaration(_ method: String, _ params: String, _ able: String) throws {
        let outcome = try Self.conversation(able: able).server(Conversation.request("1", method, params))
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.blocked == "D222")
        #expect(outcome.toServer.count == 1)
    }

    @Test(
        "people are sent to plain web addresses only",
        arguments: [
            "javascript:alert(1)", "file:///etc/passwd", "https://", "https://user@example.org/", "https://example.org\\\\@evil.example/",
            "https://ex\u{E4}mple.org/", "https:///x", "ftp://example.org/", "https://exa mple.org", "",
        ])
    func checksAddresses(_ url: String) throws {
        let params = #""mode":"url","message":"go","url":"\#(url)","elicitationId":"e""#
        let outcome = try Self.conversation().server(Conversation.request("1", "elicitation/create", params))
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.blocked == "D223")
    }

    @Test(
        "a question without its form is not passed on",
        arguments: [
            ("sampling/createMessage", messages + #","task":{"ttl":1}"#), ("sampling/createMessage", #""maxTokens":1"#),
            ("elicitation/create", #""message":"x""#), ("elicitation/create", form + #","mode":"other""#),
            ("elicitation/create", form + #","url":"https://example.org/""#), ("roots/list", #""more":1"#),
        ])
    func refusesForm(_ method: String, _ params: String) throws {
        let outcome = try Self.conversation().server(Conversation.request("1", method, params))
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.blocked == "D209")
    }

    @Test(
        "an answer without its form does not reach the server, which is told instead",
        arguments: [
            #"{"action":"maybe"}"#, #"{"action":"decline","content":{"name":"ann"}}"#, #"{"content":{}}"#,
            #"{"action":"accept","content":"x"}"#,
        ])
    func refusesAnswer(_ answer: String) throws {
        let gate = try Self.conversation()
        gate.server(Conversation.request("1", "elicitation/create", Self.form))
        let outcome = gate.client(Conversation.result("1", answer))
        #expect(outcome.toServer.count == 1)
        #expect(!outcome.toServer[0].contains("ann"))
        let told = try JSON(parsing: Array(outcome.toServer[0].utf8))
        #expect(told["id"] == 1 && told["error"]?["code"] == -32_602)
        #expect(outcome.records.first?["status"] == "malformed")
    }

    @Test("a server does not get what others said")
    func stripsContext() throws {
        let gate = try Self.conversation()
        let outcome = gate.server(Conversation.request("1", "sampling/createMessage", Self.messages + #","includeContext":"allServers""#))
        #expect(outcome.toClient == [Conversation.request("1", "sampling/createMessage", Self.messages + #","includeContext":"none""#)])
    }

    @Test("progress of what the server asked goes to the server, other progress does not")
    func progress() throws {
        let gate = try Self.conversation()
        gate.server(Conversation.request("1", "sampling/createMessage", Self.messages + #","_meta":{"progressToken":"p"}"#))
        let line = Conversation.notification("notifications/progress", #""progressToken":"p","progress":1"#)
        #expect(gate.client(line).toServer == [line])
        #expect(gate.client(Conversation.notification("notifications/progress", #""progressToken":"q","progress":1"#)).blocked == "D211")
    }

    @Test("the end of an elicitation is told once, and only of those that were passed on")
    func completes() throws {
        let gate = try Self.conversation()
        let done = Conversation.notification("notifications/elicitation/complete", #""elicitationId":"e""#)
        #expect(gate.server(done).blocked == "D211")
        gate.server(
            Conversation.request(
                "1", "elicitation/create", #""mode":"url","message":"go","url":"https://example.org/","elicitationId":"e""#))
        #expect(gate.server(done).toClient == [done])
        #expect(gate.server(done).blocked == "D211")
    }

    @Test("an error that sends people somewhere is judged like the request")
    func elicitationRequired() throws {
        let error =
            #"{"code":-32042,"message":"go","data":{"elicitations":[{"mode":"url","message":"go","url":"https://example.org/","elicitationId":"e"}]}}"#
        for (clause, passes) in [(Conversation.all, true), (Conversation.some, false)] {
            let gate = try Self.conversation(clause)
            gate.client(Conversation.call("1", "get_a"))
            let outcome = gate.server(#"{"jsonrpc":"2.0","id":1,"error":\#(error)}"#)
            #expect(outcome.toClient.joined().contains("example.org") == passes)
            #expect(outcome.toClient.count == 1)
            if !passes { #expect(try outcome.answer()["result"]?["isError"] == true) }
        }
    }

    @Test("changes of roots are told where roots are permitted")
    func rootsChanged() throws {
        let line = Conversation.notification("notifications/roots/list_changed")
        #expect(try Self.conversation().client(line).toServer == [line])
        #expect(try Self.conversation(Conversation.some).client(line).blocked == "D110")
    }

    @Test("in the modern era a server asks nothing by requests of its own")
    func modern() throws {
        let gate = try Conversation(messages: Conversation.all)
        gate.client(Conversation.call("1", "get_a", era: .modern))
        #expect(gate.server(Conversation.request("1", "roots/list")).blocked == "D212")
    }

    @Test("what cannot be recorded is not asked, and the answer is not passed on; the server is told")
    func needsRecords() throws {
        let gate = try Self.conversation()
        let unasked = gate.unrecorded(.server, Conversation.request("1", "elicitation/create", Self.form))
        #expect(unasked.toClient.isEmpty)
        #expect(unasked.toServer.count == 1)
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.client(Conversation.result("1", #"{"action":"cancel"}"#)).blocked == "D210")
        gate.server(Conversation.request("1", "elicitation/create", Self.form))
        let lost = gate.unrecorded(.client, Conversation.result("1", #"{"action":"accept","content":{"name":"ann"}}"#))
        #expect(lost.toServer.count == 1)
        #expect(!lost.toServer[0].contains("\"ann\""))
    }
}
