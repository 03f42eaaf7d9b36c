import Policy
import PolicyText
import Testing

@Suite("The whole grammar as values")
struct GrammarTests {
    private func policy(_ text: String) throws -> Policy {
        try expanded("sandboxd: 1\n" + text, accepting: .everything).resolved(with: [])
    }

    @Test("network clauses")
    func network() throws {
        let policy = try policy(
            "egress: {tcp: none, udp: [\"192.0.2.0/24:53\"], unix: any, dns: none}\ningress: {tcp: [\"127.0.0.1:8000-8010\"]}\n")
        #expect(policy.egress.tcp?.value == EndpointGrant.none)
        guard case .endpoints(let udp) = policy.egress.udp.orNone, case .endpoints(let tcp) = policy.ingress.tcp.orNone else {
            return #expect(Bool(false))
        }
        #expect(udp.map { "\($0.value)" } == ["192.0.2.0/24:53"])
        #expect(tcp.map { "\($0.value)" } == ["127.0.0.1:8000-8010"])
        #expect(policy.egress.unix.orNone == .any)
        #expect(policy.egress.dns?.value == DNSGrant.none)
    }

    @Test("none is said, and is not absence")
    func none() throws {
        let files = try policy("files: {read: none, write: none, execute: none}\n").files
        #expect(files.read == [] && files.write == [] && files.execute == ExecuteGrant.none)
        let absent = try policy("name: x\n").files
        #expect(absent.read == nil && absent.write == nil && absent.execute == nil)
        let optional = try expanded("sandboxd: 1\nfiles: {execute: [\"/x?\"]}\n")
            .resolved(with: [.failed(error: "ENOENT", component: "/x")])
        #expect(optional.files.execute == ExecuteGrant.none)
    }

    @Test("files and processes in numbers")
    func numbers() throws {
        let policy = try policy(
            "files: {metadata: owned, protect: clients, tmp: private, proc: session}\nprocesses: {spawn: any, tasks: 64, memory: 512MiB, cpu: 50%}\n"
        )
        #expect(policy.files.metadata?.value == .owned)
        #expect(policy.files.protect?.value == .clients)
        #expect(policy.files.tmp?.value == .private)
        #expect(policy.files.proc?.value == .session)
        #expect(policy.processes.tasks?.value == 64)
        #expect(policy.processes.memory?.value == 512 << 20)
        #expect(policy.processes.cpu?.value == 50)
        #expect(policy.processes.cpu?.location == SourceLocation(file: "p.yaml", line: 3, column: 57, length: 3))
        #expect(try self.policy("processes: {memory: 3GiB, cpu: 400%}\n").processes.memory?.value == 3 << 30)
    }

    @Test("messages, evidence and approvals")
    func people() throws {
        let policy = try policy(
            """
            messages: {resources: ["file:///srv/*", "https://a?b=*"], prompts: deny, sampling: ask, roots: allow}
            evidence: {arguments: full, durability: disk, keep: 2h}
            approvals: {by: [caller, "group:security"], within: 15m, wait: 45s}

            """)
        #expect(policy.messages.resources?.value == .patterns(["file:///srv/*", "https://a?b=*"].compactMap { ToolPattern($0) }))
        #expect(policy.messages.prompts?.value == PatternGrant.none)
        #expect(policy.messages.sampling?.value == .ask)
        #expect(policy.messages.elicitation == nil)
        #expect(policy.messages.roots?.value == .allow)
        #expect(policy.evidence.arguments?.value == .full)
        #expect(policy.evidence.durability?.value == .disk)
        #expect(policy.evidence.keep?.value == .seconds(7_200))
        #expect(policy.approvals.by?.map(\.value) == [.caller, .group("security")])
        #expect(policy.approvals.within?.value == 900)
        #expect(policy.approvals.wait?.value == 45)
    }

    @Test("rules with everything")
    func rules() throws {
        let tools = try policy(
            """
            tools:
              default: ask
              pins: required
              rules:
                - tools: [a]
                  effect: ask
                  limit: {calls: 3, per: hour}
                  budget: {name: b, of: /x/y~1z, limit: 1e3, per: day}
                  redact: [/card, /]
                  labels: {z: 1, a: two}
                  hidden: true

            """
        ).tools
        #expect(tools.default == .ask)
        #expect(tools.pins?.value == .required)
        let rule = try #require(tools.rules.first)
        #expect(rule.effect == .ask)
        #expect(rule.limit == CallLimit(calls: 3, per: .hour))
        #expect(rule.budget?.name == "b")
        #expect(rule.budget?.of.segments == [Array("x".utf8), Array("y/z".utf8)])
        #expect(rule.budget?.limit == JSONText(json: Array("1e3".utf8)))
        #expect(rule.redact.map(\.text) == ["/card", "/"])
        #expect(rule.labels == [.init(name: "a", value: "two"), .init(name: "z", value: "1")])
        #expect(rule.isHidden)
    }

    private func condition(_ text: String) throws -> Condition? {
        try policy("tools: {rules: [{tools: [a], effect: deny, when: \(text)}]}\n").tools.rules.first?.when
    }

    private static func json(_ text: String) -> JSONText { JSONText(json: Array(text.utf8)) }

    private static func at(_ text: String) throws -> JSONPointer { try #require(JSONPointer(text)) }

    @Test("every operator, in the order in which it is written")
    func operators() throws {
        let text = """
            {argument: /a, equals: {b: [1]}, in: [x, 2, null], below: 1, at_most: 2, above: -3, at_least: 0.5, starts_with: "${home}/",
             ends_with: z, contains: 5, matches: "^x+$", exists: false, inside: ["${cwd}", /b], host_in: ["*.c.org"], each: {exists: true}}
            """
        let expected: [Condition.Operator] = [
            .equals(Self.json(#"{"b":[1]}"#)), .isIn(["\"x\"", "2", "null"].map(Self.json)), .below(Self.json("1")),
            .atMost(Self.json("2")),
            .above(Self.json("-3")), .atLeast(Self.json("0.5")), .startsWith("/home/ann/"), .endsWith("z"), .contains(Self.json("5")),
            .matches("^x+$"), .exists(false), .inside(["/home/ann/notes", "/b"]), .hostIn(["*.c.org"]), .each([.exists(true)]),
        ]
        #expect(try condition(text) == .argument(try Self.at("/a"), expected))
    }

    @Test("conditions of conditions")
    func nested() throws {
        let text = "{any: [{not: {argument: /a, exists: true}}, {all: [{argument: \"\", equals: {}}]}]}"
        let inner = Condition.argument(try Self.at("/a"), [.exists(true)])
        #expect(try condition(text) == .any([.not(inner), .all([.argument(try Self.at(""), [.equals(Self.json("{}"))])])]))
    }

    @Test("a value in a file URI is percent-encoded, so that it is data there too")
    func uri() throws {
        var variables = variables
        variables.cwd = "/my notes/50%*é"
        let expanded = try expanded("sandboxd: 1\nmessages: {resources: [\"file://${cwd}/*\"]}\n", variables, accepting: .everything)
        let policy = try expanded.resolved(with: [])
        #expect(policy.messages.resources?.value == .patterns([try #require(ToolPattern("file:///my%20notes/50%25%2A%C3%A9/*"))]))
    }
}
