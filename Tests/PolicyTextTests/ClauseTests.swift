import Policy
import PolicyText
import StrictJSON
import Testing

@Suite("Clauses as values")
struct ClauseTests {
    @Test("an empty policy permits nothing")
    func empty() throws {
        let expanded = try expanded("sandboxd: 1\n")
        let policy = try expanded.resolved(with: [])
        #expect(policy.name == "p")
        #expect(policy.tools == ToolsClause())
        #expect(policy.egress.tcp == .none)
        #expect(policy.files == FilesClause())
        #expect(policy.processes.spawn == .none)
        #expect(policy.server == ServerClause())
        #expect(expanded.document.encoded() == Array(#"{"sandboxd":1}"#.utf8))
    }

    @Test(
        "a policy is called as its document when it gives no name",
        arguments: [("a/b/notes.yaml", "notes"), ("x.yml", "x"), ("preset", "preset"), (".yaml", ".yaml")])
    func names(document: String, name: String) throws {
        #expect(try PolicyText.parse(source("sandboxd: 1\n", name: document)).name == name)
    }

    @Test("rules keep their order and places, names default, schemas become compact JSON by the core schema")
    func rules() throws {
        let text = """
            sandboxd: 1
            tools:
              default: allow
              rules:
                - tools: [get, "list_*"]
                  effect: deny
                  reason: ask first
                  arguments:
                    type: object
                    required: [a]
                    properties:
                      a: {enum: [1, 0x1F, 0o17, 1.5, 1e2, true, "true", no, ~, null, text, "", 2026-01-01, [x], {y: 1}]}
                    additionalProperties: false
                - {id: named, tools: ["*"], effect: allow}

            """
        let tools = try expanded(text).resolved(with: []).tools
        #expect(tools.default == .allow)
        #expect(tools.rules.map(\.id) == ["rule-1", "named"])
        #expect(tools.rules[0].tools == [ToolPattern("get"), ToolPattern("list_*")])
        #expect(tools.rules.map(\.effect) == [.deny, .allow])
        #expect(tools.rules[0].reason == "ask first")
        #expect(tools.rules[0].location == SourceLocation(file: "p.yaml", line: 5, column: 7, length: 1))
        let json =
            #"{"type":"object","required":["a"],"properties":{"a":{"enum":[1,31,15,1.5,1e2,true,"true","no",null,null,"text","","2026-01-01",["x"],{"y":1}]}},"additionalProperties":false}"#
        #expect(tools.rules[0].arguments.map { String(decoding: $0.json, as: UTF8.self) } == json)
    }

    @Test("endpoints, files, processes and the server come with their places")
    func clauses() throws {
        let text = """
            sandboxd: 1
            server:
              cwd: /srv
              user: session
              env:
                pass: [TZ, "LANG?"]
                set: {PORT: 8080, FLAG: yes, PYTHONPATH: /x}
                secret: {KEY: {from: env}}
            egress: {tcp: ["192.0.2.1:443", "[2001:db8::1]:80", "*:22"]}
            processes: {spawn: any}
            files: {protect: none}

            """
        let found = PathFacts(
            resolved: "/srv", kind: .directory, device: 1, inode: 2, linkCount: 1, owner: 0, group: 0, mode: 0o755, filesystem: 0xEF53)
        let policy = try expanded(text).resolved(with: [.found(found)])
        #expect(policy.server.cwd?.value == "/srv")
        #expect(policy.server.directory?.found == found)
        #expect(policy.server.cwd?.location == SourceLocation(file: "p.yaml", line: 3, column: 8, length: 4))
        #expect(policy.server.user?.value == .session)
        #expect(
            policy.server.environment.pass.map(\.value) == [.init(name: "TZ", isOptional: false), .init(name: "LANG", isOptional: true)])
        #expect(policy.server.environment.set == ["PORT": "8080", "FLAG": "yes", "PYTHONPATH": "/x"])
        #expect(policy.server.environment.secret.map(\.value) == [EnvironmentClause.Secret(name: "KEY", source: .environment)])
        guard case .endpoints(let endpoints) = policy.egress.tcp.orNone else { return #expect(Bool(false)) }
        #expect(endpoints.map { "\($0.value)" } == ["192.0.2.1:443", "[2001:db8::1]:80", "*:22"])
        #expect(endpoints[1].location.column == 33)
        #expect(policy.egress.tcp?.location.line == 9)
        #expect(policy.processes.spawning == .any)
        #expect(policy.files.protection == .none)
        #expect(try expanded("sandboxd: 1\negress: {tcp: any}\n").resolved(with: []).egress.tcp.orNone == .any)
    }

    @Test("the document has the grammar's order and types, variables expanded, names of secrets only")
    func document() throws {
        let text = """
            files: {read: ["${home}/a?", /b], execute: none}
            tools:
              rules: [{effect: allow, tools: [x], arguments: {properties: {n: {enum: [1]}}}}]
            server: {env: {secret: {KEY: {from: env}}, set: {PORT: 8080}, pass: [TZ]}}
            inputs: {unused: /x}
            name: n
            sandboxd: 1

            """
        let document = try expanded(text).document
        let json =
            #"{"sandboxd":1,"name":"n","server":{"env":{"pass":["TZ"],"set":{"PORT":"8080"},"secret":{"KEY":{"from":"env"}}}},"tools":{"rules":[{"tools":["x"],"effect":"allow","arguments":{"properties":{"n":{"enum":[1]}}}}]},"files":{"read":["/home/ann/a?","/b"],"execute":"none"}}"#
        #expect(String(decoding: document.encoded(), as: UTF8.self) == json)
    }

    @Test("a test more or less makes no other policy")
    func documentWithoutTests() throws {
        let text = "sandboxd: 1\ntools: {default: allow}\n"
        #expect(try expanded(text + "tests: [{call: [x], expect: forward}]\n").document == expanded(text).document)
    }

    @Test("a document read as a policy is the same policy")
    func idempotent() throws {
        let text =
            "sandboxd: 1\nname: n\nfiles: {read: [\"${home}\", \"/x?\"]}\negress: {tcp: [\"*:1\"]}\ntools: {rules: [{tools: [a], effect: deny}]}\n"
        let document = try expanded(text).document
        let again = try expanded(String(decoding: document.encoded(), as: UTF8.self))
        #expect(again.document == document)
        #expect(again.requestedPaths.map(\.isOptional) == [false, true])
    }
}
