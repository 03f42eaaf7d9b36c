import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// subscriptions/listen, of the modern era.
@Suite struct ListeningTests {
    private static func listen(_ filter: String) -> String {
        Conversation.request("7", "subscriptions/listen", #""notifications":\#(filter)"#, era: .modern)
    }

    private static func stream(_ id: String, _ more: String = "") -> String {
        #""_meta":{"io.modelcontextprotocol/subscriptionId":\#(id)}"# + more
    }

    private static func acknowledge(_ id: String, _ filter: String) -> String {
        Conversation.notification("notifications/subscriptions/acknowledged", stream(id, #","notifications":\#(filter)"#))
    }

    private static let filter = #"{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["file:///srv/notes/a"]}"#

    @Test("a client is told what it asked for, once the server acknowledged it")
    func listens() throws {
        let gate = try Conversation(messages: Conversation.some)
        #expect(gate.client(Self.listen(Self.filter)).toServer == [Self.listen(Self.filter)])
        let tools = Conversation.notification("notifications/tools/list_changed", Self.stream("7"))
        #expect(gate.server(tools).blocked == "D211")
        #expect(gate.server(Self.acknowledge("8", Self.filter)).blocked == "D211")
        #expect(gate.server(Self.acknowledge(#""7""#, Self.filter)).blocked == "D211")
        #expect(gate.server(Self.acknowledge("7", #"{"resourcesListChanged":true}"#)).blocked == "D211")
        #expect(gate.server(Self.acknowledge("7", Self.filter)).toClient == [Self.acknowledge("7", Self.filter)])
        #expect(gate.server(Self.acknowledge("7", Self.filter)).blocked == "D211")
        #expect(gate.server(tools).toClient == [tools])
        let update = Conversation.notification("notifications/resources/updated", Self.stream("7", #","uri":"file:///srv/notes/a/b""#))
        #expect(gate.server(update).toClient == [update])
        let others = Conversation.notification("notifications/resources/updated", Self.stream("7", #","uri":"file:///etc/passwd""#))
        #expect(gate.server(others).blocked == "D111")
        #expect(gate.server(Conversation.notification("notifications/resources/list_changed", Self.stream("7"))).blocked == "D211")
        #expect(gate.server(Conversation.notification("notifications/prompts/list_changed", Self.stream("9"))).blocked == "D211")
        #expect(gate.server(Conversation.notification("notifications/tools/list_changed")).blocked == "D211")
    }

    @Test("streams are bounded")
    func bounds() throws {
        let gate = try Conversation(messages: Conversation.all)
        let long = String(repeating: "a", count: 5_000)
        #expect(gate.client(Self.listen(#"{"resourceSubscriptions":["file:///\#(long)"]}"#)).blocked == "D209")
        let reasons = (0..<20).map { number in
            gate.client(Conversation.request("\(number)", "subscriptions/listen", #""notifications":{}"#, era: .modern)).blocked
        }
        #expect(reasons == Array(repeating: nil, count: 16) + Array(repeating: "D303", count: 4))
    }

    @Test("after a client ended its stream it is told nothing")
    func cancels() throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Self.listen(Self.filter))
        gate.server(Self.acknowledge("7", Self.filter))
        #expect(gate.client(Conversation.notification("notifications/cancelled", #""requestId":7"#)).toServer.count == 1)
        #expect(gate.server(Conversation.notification("notifications/tools/list_changed", Self.stream("7"))).blocked == "D211")
    }

    @Test("a server ends a stream by a result, or by cancelling it")
    func ends() throws {
        let gate = try Conversation(messages: Conversation.some)
        gate.client(Self.listen(Self.filter))
        let cancelled = Conversation.notification("notifications/cancelled", #""requestId":7"#)
        #expect(gate.server(cancelled).toClient == [cancelled])
        #expect(gate.server(Conversation.result("7", "{}")).blocked == "D210")
        gate.client(Self.listen(Self.filter))
        #expect(gate.server(Conversation.result("7", "{}")).toClient.count == 1)
        // A request that is no stream is not the server's to cancel.
        gate.client(Conversation.call("7", "get_a", era: .modern))
        #expect(gate.server(cancelled).blocked == "D211")
    }

    @Test("the server is not asked for what is denied, and a resource that is denied blocks the request")
    func denies() throws {
        let gate = try Conversation()
        let asked = gate.client(Self.listen(#"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}"#))
        #expect(asked.toServer == [Self.listen(#"{"toolsListChanged":true}"#)])
        let open = try Conversation(messages: Conversation.some)
        let outcome = open.client(Self.listen(#"{"resourceSubscriptions":["file:///srv/notes/a","file:///etc/passwd"]}"#))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.blocked == "D111")
    }

    @Test(
        "a filter of another form is refused",
        arguments: ["[]", #"{"toolsListChanged":1}"#, #"{"all":true}"#, #"{"resourceSubscriptions":[1]}"#])
    func refusesForm(_ filter: String) throws {
        let gate = try Conversation(messages: Conversation.some)
        #expect(gate.client(Self.listen(filter)).blocked == "D209")
    }
}
