import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// Whatever the gate changes on its way, and whatever it writes itself, is valid by the official schema of its version: what came in was.
@Suite struct RewrittenTests {
    /// A message of one side that is not passed on as it was.
    struct Rewriting: Sendable, CustomTestStringConvertible {
        let what: String
        let version: ProtocolVersion
        /// What the client asks before.
        var request: String?
        var from = Side.server
        let line: String
        /// The definition of the part that is changed: of the result, or where there is none of the whole message.
        let definition: String
        /// The kernel denies something before.
        var isDenied = false

        var testDescription: String { "\(version.rawValue): \(what)" }
    }

    private static let link =
        #"{"type":"resource_link","name":"r","uri":"file:///srv/notes/a","icons":[{"src":"https://example.org/i.png"}]}"#
    private static let own = #""_meta":{"io.sandboxd/decision":{"code":"D101"},"com.example/x":1}"#
    private static let icons = #""icons":[{"src":"https://example.org/i.png"},{"src":"data:image/png;base64,AA=="}]"#

    /// What every result of a version has, and what lists have besides.
    private static func head(_ version: ProtocolVersion, isCached: Bool = false) -> String {
        guard version.era == .modern else { return "" }
        return #""resultType":"complete","# + (isCached ? #""ttlMs":0,"cacheScope":"public","# : "")
    }

    private static func answer(
        _ what: String, _ version: ProtocolVersion, to method: String, _ params: String, _ result: String, _ definition: String,
        isCached: Bool = false, isDenied: Bool = false
    ) -> Rewriting {
        Rewriting(
            what: what, version: version, request: Conversation.request("1", method, params, era: version.era),
            line: Conversation.result("1", "{\(head(version, isCached: isCached))\(result)}"), definition: definition, isDenied: isDenied)
    }

    private static func lists(_ version: ProtocolVersion) -> [Rewriting] {
        let object = #""inputSchema":{"type":"object"}"#
        return [
            answer(
                "a list of tools", version, to: "tools/list", "",
                #""tools":[{"name":"get_a",\#(object),\#(icons)},{"name":"get_secret",\#(object)},{"name":"other",\#(object)}],"nextCursor":"c""#,
                "ListToolsResult", isCached: true),
            answer(
                "a list of tools of which none is left", version, to: "tools/list", "", #""tools":[{"name":"other",\#(object)}]"#,
                "ListToolsResult", isCached: true),
            answer(
                "a list of resources", version, to: "resources/list", "",
                #""resources":[{"name":"a","uri":"file:///srv/notes/a",\#(icons)},{"name":"b","uri":"file:///etc/passwd"}]"#,
                "ListResourcesResult", isCached: true),
            answer(
                "a list of templates", version, to: "resources/templates/list", "",
                #""resourceTemplates":[{"name":"a","uriTemplate":"file:///srv/notes/{n}"},{"name":"b","uriTemplate":"file:///etc/{n}"}],\#(own)"#,
                "ListResourceTemplatesResult", isCached: true),
            answer(
                "a list of prompts", version, to: "prompts/list", "",
                #""prompts":[{"name":"summarise","arguments":[{"name":"a"}],\#(icons)},{"name":"other"}]"#, "ListPromptsResult",
                isCached: true),
        ]
    }

    private static func results(_ version: ProtocolVersion) -> [Rewriting] {
        let content = #"{"type":"text","text":"done"}"# + (version < .june2025 ? "" : ",\(link)")
        let call = #""name":"get_a","arguments":{}"#
        return [
            answer(
                "a resource", version, to: "resources/read", #""uri":"file:///srv/notes/a""#,
                #""contents":[{"uri":"file:///srv/notes/a","text":"x"}],\#(own)"#, "ReadResourceResult", isCached: true),
            answer(
                "a prompt", version, to: "prompts/get", #""name":"summarise""#,
                #""messages":[{"role":"user","content":\#(version < .june2025 ? #"{"type":"text","text":"x"}"# : link)}],\#(own)"#,
                "GetPromptResult"),
            answer(
                "a completion", version, to: "completion/complete",
                #""ref":{"type":"ref/prompt","name":"summarise"},"argument":{"name":"a","value":""}"#,
                #""completion":{"values":["x"]},\#(own)"#, "CompleteResult"),
            answer("the result of a call", version, to: "tools/call", call, #""content":[\#(content)],\#(own)"#, "CallToolResult"),
            answer(
                "the result of a call that the kernel denied something", version, to: "tools/call", call,
                #""content":[\#(content)],"structuredContent":{"a":1},"isError":false"#, "CallToolResult", isDenied: true),
            answer(
                "an empty result of such a call", version, to: "tools/call", call, #""content":[]"#, "CallToolResult", isDenied: true),
        ]
    }

    private static let capabilities =
        #"{"tools":{"listChanged":true},"resources":{"subscribe":true},"prompts":{},"logging":{},"completions":{},"experimental":{"x":{}}}"#

    private static func welcome(_ version: ProtocolVersion) -> Rewriting {
        if version.era == .modern {
            let info = #""io.modelcontextprotocol/serverInfo":{"name":"s","version":"1",\#(icons)}"#
            return answer(
                "the answer to server/discover", version, to: "server/discover", "",
                #""supportedVersions":["2026-07-28","2099-01-01"],"capabilities":\#(capabilities),"_meta":{\#(info),"io.sandboxd/x":1}"#,
                "DiscoverResult", isCached: true)
        }
        let params = #""protocolVersion":"\#(version.rawValue)","capabilities":{},"clientInfo":{"name":"c","version":"1"}"#
        return answer(
            "the answer to initialize", version, to: "initialize", params,
            #""protocolVersion":"\#(version.rawValue)","capabilities":\#(capabilities),"serverInfo":{"name":"s","version":"1",\#(icons)},\#(own)"#,
            "InitializeResult")
    }

    private static let sampling =
        #""messages":[{"role":"user","content":{"type":"text","text":"x"}}],"maxTokens":1,"includeContext":"allServers""#
    private static let form = #""message":"?","requestedSchema":{"type":"object","properties":{"a":{"type":"string"}}}"#

    /// What a server asks: in the modern era within a result.
    private static func questions(_ version: ProtocolVersion) -> [Rewriting] {
        if version.era == .modern {
            let able = #"{"sampling":{},"elicitation":{"form":{}},"roots":{}}"#
            let asked =
                #"{"s":{"method":"sampling/createMessage","params":{\#(sampling)}},"e":{"method":"elicitation/create","params":{\#(form)}},"r":{"method":"roots/list"}}"#
            return [
                Rewriting(
                    what: "questions within a result", version: version,
                    request: Conversation.request("1", "tools/call", #""name":"get_a""#, era: .modern, capabilities: able),
                    line: Conversation.result(
                        "1", #"{"resultType":"input_required","inputRequests":\#(asked),"requestState":"s",\#(own)}"#),
                    definition: "InputRequiredResult")
            ]
        }
        let asked = [
            Rewriting(
                what: "a request for sampling", version: version,
                line: Conversation.request("1", "sampling/createMessage", sampling + ",\(own)"), definition: "CreateMessageRequest")
        ]
        guard version >= .june2025 else { return asked }
        return asked + [
            Rewriting(
                what: "an elicitation", version: version, line: Conversation.request("1", "elicitation/create", form + ",\(own)"),
                definition: "ElicitRequest")
        ]
    }

    /// What a client sends.
    private static func requests(_ version: ProtocolVersion) -> [Rewriting] {
        let more = #""baggage":"a=b","com.example/x":1"#
        let meta =
            version.era == .modern
            ? #""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"experimental":{"x":{}}},\#(more)"#
            : #""progressToken":"t",\#(more)"#
        func request(_ what: String, _ method: String, _ params: String, _ definition: String) -> Rewriting {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(params),"_meta":{\#(meta)}}}"#
            return Rewriting(what: what, version: version, from: .client, line: line, definition: definition)
        }
        return [
            request(
                "a call whose arguments are masked", "tools/call", #""name":"pay","arguments":{"card":{"number":4}}"#, "CallToolRequest"),
            request("a request for a resource", "resources/read", #""uri":"file:///srv/notes/a""#, "ReadResourceRequest"),
            request("a request for tools", "tools/list", #""cursor":"c""#, "ListToolsRequest"),
        ]
    }

    private static let all = [ProtocolVersion.march2025, .june2025, .november2025, .july2026].flatMap {
        lists($0) + results($0) + [welcome($0)] + questions($0) + requests($0)
    }

    /// Everything of messages but some resources and prompts, and a tool whose argument is masked.
    private static func gate(_ version: ProtocolVersion, isBegun: Bool = true) throws -> Conversation {
        var pay = Rule(id: "pay", tools: Conversation.patterns("pay"), effect: .allow)
        pay.redact = [try #require(JSONPointer("/card"))]
        var messages = Conversation.all
        messages.resources = Conversation.some.resources
        messages.prompts = Conversation.some.prompts
        let gate = try Conversation(
            Conversation.rules + [pay], messages: MessageRules(policy: messages), isQuiet: true, callerDecides: true)
        if version.era == .legacy, isBegun {
            gate.initialize(version.rawValue, capabilities: #"{"sampling":{},"elicitation":{},"roots":{}}"#)
        }
        return gate
    }

    private static let denial = DeniedAct(
        hook: 1, process: 7, family: 2, protocolNumber: 6, type: 1, address: .v4(0xc000_0201).unmapped, port: 443)

    @Test("what the gate changes stays valid", arguments: all)
    func changes(_ one: Rewriting) throws {
        let schema = try OfficialSchema.of(one.version)
        let gate = try Self.gate(one.version, isBegun: one.definition != "InitializeResult")
        if let request = one.request { try #require(gate.client(request).toServer.count == 1) }
        if one.isDenied { _ = gate.step(.denied([KernelDenial(time: gate.time, act: Self.denial)], unreadable: 0)) }
        let outcome = one.from == .server ? gate.server(one.line) : gate.client(one.line)
        let lines = one.from == .server ? outcome.toClient : outcome.toServer
        try #require(lines.count == 1, "\(outcome)")
        #expect(lines[0] != one.line, "nothing was changed")
        for line in [one.line, lines[0]] {
            let message = try JSON(parsing: Array(line.utf8))
            #expect(try schema.accepts(message, as: "JSONRPCMessage"), "\(line)")
            #expect(try schema.accepts(message["result"] ?? message, as: one.definition), "\(line)")
        }
    }

    // MARK: The gate's own

    private static let held = #""name":"refund","arguments":{"amount":900},"_meta":{"progressToken":"p"}"#

    @Test("what the gate asks, tells and answers of a held call is valid", arguments: [ProtocolVersion.june2025, .november2025])
    func asks(_ version: ProtocolVersion) throws {
        let schema = try OfficialSchema.of(version)
        let gate = try Self.gate(version)
        let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{\#(Self.held)}}"#
        let question = try gate.daemon(try gate.client(call).asked(), .held(approval: "k7q2m-4x9dz")).answer()
        #expect(try schema.accepts(question, as: "JSONRPCMessage") && schema.accepts(question, as: "ElicitRequest"), "\(question)")
        let taken = gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
        let cancelled = try taken.answer()
        #expect(
            try schema.accepts(cancelled, as: "JSONRPCMessage") && schema.accepts(cancelled, as: "CancelledNotification"), "\(cancelled)")
    }

    @Test(
        "what a client without a window is told of a held call is valid", arguments: [ProtocolVersion.march2025, .june2025, .november2025])
    func tells(_ version: ProtocolVersion) throws {
        let schema = try OfficialSchema.of(version)
        let gate = try Conversation()
        gate.initialize(version.rawValue)
        let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{\#(Self.held)}}"#
        let number = try gate.client(call).asked()
        let progress = try gate.daemon(number, .held(approval: "k7q2m-4x9dz")).answer()
        #expect(try schema.accepts(progress, as: "JSONRPCMessage") && schema.accepts(progress, as: "ProgressNotification"), "\(progress)")
        let denied = try gate.daemon(number, .denied(approval: "k7q2m-4x9dz", by: "alice", why: "no")).answer()
        #expect(try schema.accepts(denied, as: "JSONRPCMessage"), "\(denied)")
        #expect(try schema.accepts(try #require(denied["result"]), as: "CallToolResult"), "\(denied)")
    }

    @Test("a question within a result is valid")
    func asksWithin() throws {
        let schema = try OfficialSchema.of(.july2026)
        let gate = try Self.gate(.july2026)
        let call = Conversation.request("1", "tools/call", #""name":"refund""#, era: .modern, capabilities: #"{"elicitation":{"form":{}}}"#)
        let answer = try gate.daemon(try gate.client(call).asked(), .held(approval: "k7q2m-4x9dz")).answer()
        let result = try #require(answer["result"])
        #expect(result["resultType"] == "input_required")
        #expect(try schema.accepts(answer, as: "JSONRPCMessage") && schema.accepts(result, as: "InputRequiredResult"), "\(answer)")
    }
}
