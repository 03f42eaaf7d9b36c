import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Commands

/// `decide --message`.
@Suite struct DecideMessageTests {
    private let directory: ScratchDirectory
    private let policy: String

    private static let text = """
        sandboxd: 1
        name: notes
        tools:
          rules:
            - {id: look, tools: [get_note], effect: allow, redact: [/card]}
        messages: {resources: ["file:///srv/notes/*"], prompts: [summarise], sampling: allow, elicitation: deny, roots: allow}
        """

    private static let layer = """
        sandboxd-layer: 1
        name: house
        messages: {sampling: deny, resources: ["file:///srv/notes/public/*"]}
        """

    init() throws {
        directory = try ScratchDirectory()
        policy = directory.path + "/notes.yaml"
        try CommandRun.write(Self.text, to: policy)
    }

    private func decide(_ words: String..., input: String = "") throws -> CommandRun {
        try CommandRun(["decide", policy] + words, input: input, in: directory)
    }

    private static let sampling = #"{"messages":[],"maxTokens":1}"#

    @Test(
        "what either side sends is decided by the clause that is named, as the gate would decide it",
        arguments: [
            (["resources/read", #"{"uri": "file:///srv/notes/a"}"#], "forward: messages.resources allows it\n  asked by the client\n", 0),
            (
                ["resources/read", #"{"uri":"file:///srv/notes/../x"}"#],
                "block: the policy permits other resources, not resources/read (D111)\n  asked by the client\n  decided by messages.resources\n",
                1
            ),
            (["resources/read", #"{"uri":"file:///srv/notes/a","more":1}"#], "block: the parameters do not have the form", 1),
            (["resources/read"], "block: the parameters do not have the form", 1),
            (["resources/read", "[]"], "block: ", 1),
            (["resources/read", #"{"uri":"a","uri":"b"}"#], "block: the params are not strict JSON: ", 1),
            (["resources/list"], "forward: messages.resources allows it\n", 0),
            (["prompts/get", #"{"name":"summarise"}"#], "forward: messages.prompts allows it\n", 0),
            (["prompts/get", #"{"name":"other"}"#], "block: the policy permits other prompts, not the prompt `other` (D111)\n", 1),
            (
                ["completion/complete", #"{"ref":{"type":"ref/prompt","name":"other"},"argument":{"name":"a","value":""}}"#],
                "block: the policy permits other prompts, not completion/complete (D111)\n  asked by the client\n  decided by messages.prompts\n",
                1
            ),
            (["sampling/createMessage", sampling], "forward: messages.sampling allows it\n  asked by the server\n", 0),
            (["sampling/createMessage", "{}"], "block: the parameters do not have the form", 1),
            (
                ["elicitation/create", #"{"message":"?","requestedSchema":{}}"#],
                "block: the policy permits no elicitation (D110)\n  asked by the server\n  decided by messages.elicitation\n", 1
            ),
            (["roots/list"], "forward: messages.roots allows it\n", 0),
            (["roots/list", "--from", "client"], "block: roots/list cannot be sent by the client now (D212)\n", 1),
            (["notifications/roots/list_changed"], "forward: messages.roots allows it\n  asked by the client\n", 0),
            (["notifications/elicitation/complete", #"{"elicitationId":"x"}"#], "block: ", 1),
            (["tools/list"], "forward: it belongs to the protocol, and no clause forbids it\n", 0),
            (["server/discover"], "forward: it belongs to the protocol, and no clause forbids it\n", 0),
            (["no/such"], "block: `no/such` is not a method of this protocol version (D202)\n", 1),
            (["tools/call", #"{"name":"get_note","arguments":{}}"#], "forward: `look` allows it\n", 0),
        ] as [([String], String, Int32)])
    func decides(words: [String], beginning: String, status: Int32) throws {
        let run = try CommandRun(["decide", policy, "--message"] + words, in: directory)
        #expect(run.output.hasPrefix(beginning), "\(run.output)\(run.errors)")
        #expect(run.status == status)
    }

    @Test("what the other side gets is shown where it is something else")
    func rewrites() throws {
        let sampling = #"{"messages":[],"maxTokens":1,"includeContext":"allServers"}"#
        let run = try decide("--message", "sampling/createMessage", sampling)
        #expect(run.output.contains(#"  the client gets {"messages":[],"maxTokens":1,"includeContext":"none"}"#), "\(run.output)")
        let call = try decide("--message", "tools/call", #"{"name":"get_note","arguments":{"card":"4"}}"#)
        #expect(call.output.contains(#"  the server gets {"name":"get_note","arguments":{"card":"[redacted]"}}"#), "\(call.output)")
    }

    @Test("a request of the modern era says so itself, and is decided as one")
    func modern() throws {
        let meta =
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#
        #expect(try decide("--message", "resources/read", #"{"uri":"file:///srv/notes/a","_meta":\#(meta)}"#).status == 0)
        #expect(
            try decide("--message", "resources/subscribe", #"{"uri":"file:///srv/notes/a","_meta":\#(meta)}"#).output.contains("(D202)"))
        #expect(try decide("--message", "resources/subscribe", #"{"uri":"file:///srv/notes/a"}"#).status == 0)
    }

    @Test("a layer that decides is named")
    func layers() throws {
        let layers = directory.path + "/layers"
        try WorkingDirectory().makeDirectory(layers)
        try CommandRun.write(Self.layer, to: layers + "/house.yaml")
        let run = try decide("--message", "sampling/createMessage", Self.sampling, "--layers", layers)
        #expect(run.output.contains("the layer `house` permits no sampling (D110)"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("decided by messages.sampling of layer `house`"))
        let json = try JSON(
            parsing: Array(
                decide("--message", "resources/read", #"{"uri":"file:///srv/notes/a"}"#, "--layers", layers, "--json").output.utf8
                    .dropLast()))
        #expect(json["decision"] == "block" && json["clause"] == "messages.resources" && json["layer"] == "house")
        #expect(json["reason"] == "D111" && json["from"] == "client" && json["message"] == "resources/read")
    }

    @Test("lines of messages and calls are answered by lines of decisions, each on its own")
    func lines() throws {
        let run = try decide(
            input: """
                {"message":"resources/read","params":{"uri":"file:///srv/notes/a"}}
                {"tool":"get_note"}
                {"message":"sampling/createMessage","params":\(Self.sampling)}
                {"message":"ping","from":"server"}
                {"message":"ping","from":"nobody"}
                {"message":"ping","more":1}
                {"message":"elicitation/create","params":{"message":"?","requestedSchema":{}}}
                """)
        let lines = try run.output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
        #expect(lines.map { $0["decision"] } == ["forward", "forward", "forward", "forward", "block", "block", "block"], "\(run.output)")
        #expect(lines[3]["from"] == "server" && lines[4]["reason"] == "D209" && lines[6]["clause"] == "messages.elicitation")
        #expect(run.status == 1)
    }

    @Test("a command line that asks for no message, or for more than one, is not understood")
    func usage() throws {
        #expect(try decide("--from", "server").status == 2)
        #expect(try decide("--message", "ping", "{}", "more").status == 2)
        #expect(try decide("--message", "ping", "--from", "nobody").status == 2)
    }

    @Test("a policy without `messages` permits none, and says so")
    func nothing() throws {
        try CommandRun.write("sandboxd: 1\nname: notes\n", to: policy)
        for (method, kind) in [
            ("resources/list", "resources"), ("prompts/list", "prompts"), ("sampling/createMessage", "sampling"),
            ("elicitation/create", "elicitation"), ("roots/list", "roots"),
        ] {
            let run = try decide("--message", method)
            #expect(run.status == 1 && run.output.contains("decided by messages.\(kind)\n"), "\(run.output)")
        }
    }
}
