import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

@Suite struct ResourceTests {
    private static func read(_ uri: String, era: Era = .legacy) -> String {
        Conversation.request("1", "resources/read", #""uri":"\#(uri)""#, era: era)
    }

    @Test("a resource that is permitted is read, recorded before, and its outcome after", arguments: Era.allCases)
    func reads(_ era: Era) throws {
        let gate = try Conversation(messages: Conversation.some)
        let line = Self.read("file:///srv/notes/a", era: era)
        let asked = gate.client(line)
        #expect(asked.toServer == [line])
        #expect(asked.records.count == 1)
        #expect(asked.records[0]["decision"] == "forward")
        #expect(asked.records[0]["method"] == "resources/read")
        #expect(asked.records[0]["rule"] == "messages.resources")
        #expect(asked.records[0]["arguments"]?.string?.hasPrefix("hmac-sha256:") == true)
        #expect(!asked.records[0].encoded().contains("srv"))
        let contents = #"{"contents":[{"uri":"file:///srv/notes/a","text":"x"}]"#
        let answered = gate.server(Conversation.result("1", contents + "}"))
        let expected = contents + (era == .modern ? #","cacheScope":"private"}"# : "}")
        #expect(answered.toClient == [Conversation.result("1", expected)])
        #expect(answered.records.map { $0["status"] } == ["result"])
    }

    @Test(
        "what is not permitted never reaches the server",
        arguments: [
            "file:///etc/passwd", "file:///srv/notes/../../etc/passwd", "file:///srv/notes/%2e%2e/x", "file:///srv/notes/a%2fb",
            "FILE:///srv/other", "file://srv/notes/a", "https://example.org.evil.net/notes/x", "https://u@example.org/notes/x",
            "https://example.org/notes/%2e%2e/x", "note:a", "", "/srv/notes/a",
        ])
    func denies(_ uri: String) throws {
        for era in Era.allCases {
            for method in era == .modern ? ["resources/read"] : ["resources/read", "resources/subscribe", "resources/unsubscribe"] {
                let gate = try Conversation(messages: Conversation.some)
                gate.initialize()
                let outcome = gate.client(Conversation.request("1", method, #""uri":"\#(uri)""#, era: era))
                #expect(outcome.toServer.isEmpty)
                #expect(outcome.blocked == "D111")
                #expect(try outcome.answer()["error"]?["code"] == 40_111)
                #expect(try outcome.answer()["error"]?["data"]?["code"] == "D111")
            }
        }
    }

    @Test(
        "nothing is permitted where the policy is silent",
        arguments: [
            ("resources/list", "", "D110"), ("resources/templates/list", "", "D110"), ("resources/read", #""uri":"file:///a""#, "D110"),
            ("prompts/list", "", "D110"), ("prompts/get", #""name":"p""#, "D110"),
            ("completion/complete", #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}"#, "D110"),
        ])
    func silent(_ method: String, _ params: String, _ code: String) throws {
        for era in Era.allCases {
            let gate = try Conversation()
            let outcome = gate.client(Conversation.request("1", method, params, era: era))
            #expect(outcome.toServer.isEmpty)
            #expect(outcome.blocked == code)
            #expect(try outcome.answer()["error"]?["code"] == -32_601)
        }
    }

    @Test("a layer that permits less decides, and is named")
    func layers() throws {
        let layer = MessageRules.Layer(
            name: "strict", messages: MessagesClause(resources: Conversation.grant("file:///srv/notes/public/*")))
        let gate = try Conversation(messages: Conversation.some, layers: [layer])
        #expect(gate.client(Self.read("file:///srv/notes/public/a")).toServer.count == 1)
        let outcome = gate.client(Conversation.request("2", "resources/read", #""uri":"file:///srv/notes/a""#))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.records[0]["layer"] == "strict")
        #expect(try outcome.answer()["error"]?["data"]?["layer"] == "strict")
    }

    @Test(
        "parameters that were not judged are not forwarded",
        arguments: [
            #""uri":"file:///srv/notes/a","more":1"#, #""uri":7"#, "", #""uri":"file:///srv/notes/a","requestState":"x""#,
            #""uri":"file:///srv/notes/a","URI":"file:///etc/passwd""#,
        ])
    func refusesForm(_ params: String) throws {
        let gate = try Conversation(messages: Conversation.some)
        let outcome = gate.client(Conversation.request("1", "resources/read", params))
        #expect(outcome.toServer.isEmpty)
        #expect(try outcome.answer()["error"]?["code"] == -32_602)
    }

    @Test("lists show what may be read, page by page", arguments: Era.allCases)
    func lists(_ era: Era) throws {
        let gate = try Conversation(messages: Conversation.some)
        #expect(gate.client(Conversation.request("1", "resources/list", #""cursor":"c""#, era: era)).toServer.count == 1)
        let end = era == .modern ? #","cacheScope":"private"}"# : "}"
        let page = gate.server(
            Conversation.result(
                "1",
                #"{"resources":[{"uri":"file:///srv/notes/a","name":"a"},{"uri":"file:///etc/passwd","name":"b"},{"name":"c"},7],"nextCursor":"d"}"#
            ))
        #expect(
            page.toClient == [Conversation.result("1", #"{"resources":[{"uri":"file:///srv/notes/a","name":"a"}],"nextCursor":"d""# + end)])
        gate.client(Conversation.request("2", "resources/templates/list", era: era))
        let templates = gate.server(
            Conversation.result(
                "2",
                #"{"resourceTemplates":[{"uriTemplate":"file:///srv/notes/{name}"},{"uriTemplate":"file:///{+path}"},{"uriTemplate":"file:///etc/{name}"},{"uriTemplate":"{+any}"},{"uriTemplate":"https://example.org/notes/{id}"}]}"#
            ))
        #expect(
            templates.toClient == [
                Conversation.result(
                    "2",
                    #"{"resourceTemplates":[{"uriTemplate":"file:///srv/notes/{name}"},{"uriTemplate":"file:///{+path}"},{"uriTemplate":"https://example.org/notes/{id}"}]"#
                        + end)
            ])
    }

    @Test("a list without its form is not passed on, and the client is told")
    func refusesList() throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Conversation.request("1", "resources/list"))
        let outcome = gate.server(Conversation.result("1", #"{"resources":{}}"#))
        #expect(try outcome.answer()["error"]?["code"] == -32_602)
    }

    @Test("changes of a resource are told to who subscribed, of what may be read")
    func updates() throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.initialize()
        let change = Conversation.notification("notifications/resources/updated", #""uri":"file:///srv/notes/a""#)
        #expect(gate.server(change).blocked == "D211")
        gate.client(Conversation.request("1", "resources/subscribe", #""uri":"file:///srv/notes/a""#))
        gate.server(Conversation.result("1", "{}"))
        #expect(gate.server(change).toClient == [change])
        #expect(gate.server(Conversation.notification("notifications/resources/updated", #""uri":"file:///etc/passwd""#)).blocked == "D111")
        gate.client(Conversation.request("2", "resources/unsubscribe", #""uri":"file:///srv/notes/a""#))
        gate.server(Conversation.result("2", "{}"))
        #expect(gate.server(change).blocked == "D211")
    }

    @Test("what cannot be recorded is not read, and what was read is not passed on")
    func needsRecords() throws {
        let gate = try Conversation(messages: Conversation.some)
        let unsent = gate.unrecorded(.client, Self.read("file:///srv/notes/a"))
        #expect(unsent.toServer.isEmpty)
        #expect(try unsent.answer()["error"]?["data"]?["code"] == "D301")
        gate.recordsAgain(lastNumber: 7)
        #expect(gate.client(Self.read("file:///srv/notes/a")).toServer.count == 1)
        let lost = gate.unrecorded(.server, Conversation.result("1", #"{"contents":[{"uri":"file:///srv/notes/a","text":"secret"}]}"#))
        #expect(try lost.answer()["error"]?["data"]?["code"] == "D301")
        #expect(!lost.toClient.joined().contains("secret"))
    }

    @Test("whoever waits when the server ends is told, and the outcome is recorded as lost")
    func lost() throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Self.read("file:///srv/notes/a"))
        let outcome = gate.step(.ended(.server))
        #expect(outcome.records.map { $0["status"] } == ["lost"])
        #expect(try outcome.answer()["error"]?["data"]?["code"] == "D302")
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { String(decoding: self, as: UTF8.self).contains(text) }
}
