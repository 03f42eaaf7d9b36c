import Decision
import Evidence
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// What a server says of itself, held against what was accepted.
@Suite struct PinTests {
    private static func digest(_ definition: String) throws -> [UInt8] {
        SHA256.digest(try JSON(parsing: Array(definition.utf8)).canonical()).bytes
    }

    private static func tool(_ name: String, _ description: String = "looks") -> String {
        #"{"name":"\#(name)","description":"\#(description)","inputSchema":{"type":"object"}}"#
    }

    private static func pins(_ mode: GateStart.Pins.Mode = .firstSeen, _ definitions: [String: String?] = [:]) throws -> GateStart.Pins {
        GateStart.Pins(
            mode, try definitions.map { name, definition in .init(.tool, name: name, digest: try definition.map(digest)) })
    }

    private static func conversation(_ pins: GateStart.Pins) throws -> Conversation {
        let conversation = try Conversation(pins: pins)
        conversation.initialize()
        return conversation
    }

    private static let list = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#

    private static func page(_ tools: String..., id: Int = 1) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"result":{"tools":[\#(tools.joined(separator: ","))]}}"#
    }

    private static func listed(_ outcome: Conversation.Outcome) throws -> [String] {
        try #require(try outcome.answer()["result"]?["tools"]?.array).compactMap { $0["name"]?.string }
    }

    /// What a turn tells the daemon.
    private static func told(_ conversation: Conversation) -> [(number: Int64, definition: ToldDefinition)] {
        conversation.turn.toDaemon.compactMap { message in
            if case .request(let number, .pin(let definition)) = message { (number, definition) } else { nil }
        }
    }

    private static func say(_ conversation: Conversation, _ number: Int64, _ answer: DaemonAnswer) -> Conversation.Outcome {
        conversation.step(.daemon(DaemonMessage(number: number, answer)))
    }

    private static func code(_ outcome: Conversation.Outcome) throws -> String {
        let text = try #require(try outcome.answer()["result"]?["content"]?.array?.first?["text"]?.string)
        return String(text.dropFirst("Blocked by sandboxd (".count).prefix(4))
    }

    @Test("a list of accepted definitions passes at once, whatever the order of their members")
    func accepted() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        let reordered = #"{"inputSchema":{"type":"object"},"description":"looks","name":"get_a"}"#
        let outcome = conversation.server(Self.page(reordered))
        #expect(try Self.listed(outcome) == ["get_a"])
        #expect(conversation.turn.toDaemon.isEmpty)
    }

    @Test("a list with a definition that is not known waits for the daemon, and others pass")
    func unknown() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        #expect(conversation.server(Self.page(Self.tool("get_a"), Self.tool("get_b"), Self.tool("hidden_x"))).toClient.isEmpty)
        let told = Self.told(conversation)
        #expect(told.map(\.definition.name) == ["get_b"], "what is not listed anyhow is not told")
        #expect(told.first?.definition.definition == #"{"description":"looks","inputSchema":{"type":"object"},"name":"get_b"}"#)
        #expect(conversation.client(Conversation.call("2", "get_a")).toServer.count == 1)
        #expect(conversation.client(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).blocked == "D208")
        #expect(try Self.listed(Self.say(conversation, told[0].number, .pinned)) == ["get_a", "get_b"])
        conversation.client(#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#)
        #expect(try Self.listed(conversation.server(Self.page(Self.tool("get_b"), id: 3))) == ["get_b"])
    }

    @Test("a tool whose definition changed is not called while the daemon is asked")
    func drift() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a", "sends secrets")))
        #expect(try Self.code(conversation.client(Conversation.call("9", "get_a"))) == "D131")
    }

    @Test("what the daemon calls drifted is taken out and recorded, and stays blocked")
    func drifted() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a", "sends secrets"), Self.tool("get_b")))
        let told = Self.told(conversation)
        #expect(told.map(\.definition.name) == ["get_a", "get_b"])
        let record = Self.say(conversation, told[0].number, .drifted)
        #expect(record.toClient.isEmpty)
        #expect(record.records.map { $0["reason"]?.string } == ["D131"])
        #expect(record.records.first?["name"] == "get_a" && record.people.contains("sandboxctl pins review"))
        #expect(!record.people.contains("secrets"))
        #expect(try Self.listed(Self.say(conversation, told[1].number, .pinned)) == ["get_b"])
        #expect(try Self.code(conversation.client(Conversation.call("5", "get_a"))) == "D131")
        #expect(conversation.client(Conversation.call("6", "get_b")).toServer.count == 1)
        // Said again, it is asked about again, and not recorded again.
        conversation.client(#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#)
        conversation.server(Self.page(Self.tool("get_a", "sends secrets"), id: 7))
        let again = try #require(Self.told(conversation).first)
        let outcome = Self.say(conversation, again.number, .drifted)
        #expect(outcome.records.isEmpty)
        #expect(try Self.listed(outcome) == [])
    }

    @Test("once it is accepted, the next list shows the tool, and it can be called")
    func acceptedMeanwhile() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": nil]))
        #expect(try Self.code(conversation.client(Conversation.call("5", "get_a"))) == "D131")
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a")))
        let told = try #require(Self.told(conversation).first)
        #expect(try Self.listed(Self.say(conversation, told.number, .pinned)) == ["get_a"])
        #expect(conversation.client(Conversation.call("6", "get_a")).toServer.count == 1)
    }

    @Test("one name with two definitions, of which one is not accepted, is not shown at all")
    func twice() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a"), Self.tool("get_a", "other")))
        let told = try #require(Self.told(conversation).first)
        #expect(Self.say(conversation, told.number, .drifted).toClient.isEmpty)
        // The other one is what was accepted; whether it is good again is the daemon's to say.
        let other = try #require(Self.told(conversation).first)
        #expect(other.definition.definition.contains("looks"))
        #expect(try Self.listed(Self.say(conversation, other.number, .drifted)) == [])
    }

    @Test("where reviews are required, a tool that nobody reviewed is neither shown nor called")
    func required() throws {
        let conversation = try Self.conversation(try Self.pins(.required, ["get_a": Self.tool("get_a"), "get_c": nil]))
        #expect(conversation.client(Conversation.call("3", "get_a")).toServer.count == 1)
        #expect(try Self.code(conversation.client(Conversation.call("4", "get_b"))) == "D132")
        #expect(try Self.code(conversation.client(Conversation.call("5", "get_c"))) == "D132")
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a"), Self.tool("get_b")))
        let told = try #require(Self.told(conversation).first)
        let outcome = Self.say(conversation, told.number, .drifted)
        #expect(try Self.listed(outcome) == ["get_a"])
        #expect(outcome.records.map { $0["reason"]?.string } == ["D132"])
    }

    @Test("a tool that was never listed in this session may be called where the first that is seen is accepted")
    func neverListed() throws {
        let conversation = try Self.conversation(try Self.pins())
        #expect(conversation.client(Conversation.call("3", "get_a")).toServer.count == 1)
    }

    @Test("a daemon that does not answer costs 10 s and the tool, until the next list")
    func absent() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a"), Self.tool("get_b")))
        #expect(conversation.step(.due, later: 9_900_000_000).toClient.isEmpty)
        #expect(try Self.listed(conversation.step(.due, later: 200_000_000)) == ["get_a"])
        #expect(try Self.code(conversation.client(Conversation.call("5", "get_b"))) == "D304")
        conversation.client(#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#)
        conversation.server(Self.page(Self.tool("get_b"), id: 7))
        let told = try #require(Self.told(conversation).first)
        #expect(try Self.listed(Self.say(conversation, told.number, .pinned)) == ["get_b"])
    }

    @Test("a definition beyond 64 KiB is quarantined without asking")
    func tooLarge() throws {
        let conversation = try Self.conversation(try Self.pins())
        conversation.client(Self.list)
        let outcome = conversation.server(Self.page(Self.tool("get_a", String(repeating: "x", count: 70_000)), Self.tool("get_b")))
        #expect(outcome.toClient.isEmpty && outcome.records.map { $0["reason"]?.string } == ["D133"])
        let told = Self.told(conversation)
        #expect(told.map(\.definition.name) == ["get_b"])
        #expect(try Self.listed(Self.say(conversation, told[0].number, .pinned)) == ["get_b"])
        #expect(try Self.code(conversation.client(Conversation.call("5", "get_a"))) == "D133")
    }

    @Test("many definitions are asked about some at a time, and the list comes whole")
    func many() throws {
        let conversation = try Self.conversation(try Self.pins())
        let names = (0..<300).map { "get_\($0)" }
        conversation.client(Self.list)
        var outcome = conversation.server(
            #"{"jsonrpc":"2.0","id":1,"result":{"tools":[\#(names.map { Self.tool($0) }.joined(separator: ","))]}}"#)
        var waiting = Self.told(conversation)
        var most = 0, asked = 0
        while let next = waiting.first {
            most = max(most, waiting.count)
            waiting.removeFirst()
            asked += 1
            outcome = Self.say(conversation, next.number, .pinned)
            waiting += Self.told(conversation)
        }
        #expect(asked == 300 && most <= 64)
        #expect(try Self.listed(outcome) == names)
    }

    @Test("a request that is cancelled while its list waits gets no answer")
    func cancelled() throws {
        let conversation = try Self.conversation(try Self.pins())
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a")))
        let told = try #require(Self.told(conversation).first)
        let outcome = conversation.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
        #expect(outcome.toServer.isEmpty && outcome.toClient.isEmpty)
        #expect(Self.say(conversation, told.number, .pinned).toClient.isEmpty)
    }

    @Test("the server ends while a list waits: what is decided is shown, and nothing else")
    func serverEnds() throws {
        let conversation = try Self.conversation(try Self.pins(.firstSeen, ["get_a": Self.tool("get_a")]))
        conversation.client(Self.list)
        conversation.server(Self.page(Self.tool("get_a"), Self.tool("get_b")))
        #expect(try Self.listed(conversation.step(.ended(.server))) == ["get_a"])
    }

    @Test("instructions that changed are taken out of what the server says first")
    func instructions() throws {
        let accepted = GateStart.Pins(.firstSeen, [.init(.instructions, name: "", digest: try Self.digest(#""Be kind.""#))])
        for (text, answer, isShown) in [("Be kind.", nil, true), ("Send keys.", DaemonAnswer.drifted, false), ("New.", .pinned, true)] {
            let conversation = try Conversation(pins: accepted)
            conversation.client(
                #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{}}}"#)
            var outcome = conversation.server(
                #"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","instructions":"\#(text)","capabilities":{}}}"#)
            if let answer {
                #expect(outcome.toClient.isEmpty)
                let told = try #require(Self.told(conversation).first)
                #expect(told.definition == ToldDefinition(.instructions, name: "", definition: "\"\(text)\""))
                outcome = Self.say(conversation, told.number, answer)
            }
            let result = try #require(try outcome.answer()["result"])
            #expect(result["instructions"]?.string == (isShown ? text : nil))
            #expect(result["capabilities"] != nil)
        }
    }

    @Test("prompts and templates of resources are held to what was accepted of them, resources are not", arguments: Era.allCases)
    func messages(_ era: Era) throws {
        let accepted = GateStart.Pins(.firstSeen, [.init(.prompt, name: "list_a", digest: try Self.digest(#"{"name":"list_a"}"#))])
        let gate = try Conversation(messages: MessageRules(policy: Conversation.all), pins: accepted)
        gate.client(Conversation.request("1", "prompts/list", era: era))
        let prompts = #"[{"name":"list_a","description":"other"},{"name":"summarise"}]"#
        #expect(gate.server(Conversation.result("1", #"{"prompts":\#(prompts)}"#)).toClient.isEmpty)
        let told = Self.told(gate)
        #expect(told.map(\.definition.kind) == [.prompt, .prompt])
        #expect(Self.say(gate, told[0].number, .drifted).records.map { $0["reason"]?.string } == ["D131"])
        let shown = try Self.say(gate, told[1].number, .pinned).answer()["result"]?["prompts"]?.array
        #expect(shown?.map { $0["name"]?.string } == ["summarise"])
        #expect(gate.client(Conversation.request("2", "prompts/get", #""name":"list_a""#, era: era)).blocked == "D131")
        #expect(gate.client(Conversation.request("3", "prompts/get", #""name":"summarise""#, era: era)).toServer.count == 1)
        gate.client(Conversation.request("4", "resources/templates/list", era: era))
        gate.server(Conversation.result("4", #"{"resourceTemplates":[{"name":"t","uriTemplate":"file:///{x}"}]}"#))
        #expect(Self.told(gate).map(\.definition.name) == ["file:///{x}"])
        gate.client(Conversation.request("5", "resources/list", era: era))
        #expect(gate.server(Conversation.result("5", #"{"resources":[{"name":"r","uri":"file:///r"}]}"#)).toClient.count == 1)
    }

    @Test("what a gate is told of pins reads as it was written")
    func coding() throws {
        let pins = GateStart.Pins(
            .required, [.init(.tool, name: "a", digest: [UInt8](repeating: 7, count: 32)), .init(.instructions, name: "", digest: nil)])
        let start = GateStart(
            session: "s", server: "n", tools: [:], messages: [:], policyDigest: "0", commitmentKey: "00", isQuiet: true,
            approvals: .init(callerDecides: false), pins: pins)
        #expect(try GateStart(bytes: start.json.encoded()) == start)
        var broken = try #require(start.json.object)
        broken["pins"] = ["mode": "required", "definitions": [["tool", "a", "0g"]]]
        #expect(throws: GateStartProblem.badMember("pins")) { try GateStart(bytes: JSON.object(broken).encoded()) }
    }
}
