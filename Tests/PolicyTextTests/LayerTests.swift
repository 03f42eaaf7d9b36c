import Policy
import PolicyText
import StrictJSON
import Testing

@Suite("Layers as documents")
struct LayerTests {
    private func draft(_ text: String, accepting acceptance: Acceptance = .enforced) throws(Refusal) -> LayerDraft {
        try PolicyText.parseLayer(source(text, name: "/etc/sandboxd/layers/acme.yaml"), accepting: acceptance)
    }

    private func reasons(_ text: String, _ variables: PolicyVariables = variables, facts: [String] = []) -> [String] {
        do {
            _ = try draft(text).expanded(with: variables)
            return []
        } catch { return error.reasons.all.map { brief($0, facts: facts) } }
    }

    private static func facts(_ resolved: String, links: [FollowedLink] = []) -> PathFacts {
        PathFacts(
            resolved: resolved, kind: .directory, device: 1, inode: 2, linkCount: 1, owner: 0, group: 0, mode: 0o755, links: links,
            filesystem: 0xEF53)
    }

    @Test("an empty layer says nothing, to everybody, under its document's name")
    func empty() throws {
        let layer = try draft("sandboxd-layer: 1\n").expanded(with: variables).resolved(with: [])
        #expect(layer.name == "acme")
        #expect(layer.appliesTo == Layer.AppliesTo())
        #expect(layer.clauses == Clauses())
        #expect(layer.location.file == "/etc/sandboxd/layers/acme.yaml")
    }

    @Test("clauses are those of a policy, and only what is said is there")
    func clauses() throws {
        let text = """
            sandboxd-layer: 1
            name: acme
            description: what ACME permits at most
            applies_to: {policies: ["notes-*"], users: [ann, bo]}
            server: {user: session}
            tools: {rules: [{id: never, tools: ["rm_*"], effect: deny}]}
            egress: {tcp: ["10.0.0.0/8:443"], dns: host}
            files: {read: ["${home}/x", /gone, /secret], write: none}
            processes: {tasks: 10}

            """
        let draft = try draft(text)
        #expect(draft.name == "acme")
        #expect(draft.user == .session)
        let applies = Layer.AppliesTo(policies: [try #require(ToolPattern("notes-*"))], users: ["ann", "bo"])
        #expect(draft.appliesTo == applies)
        let expanded = try draft.expanded(with: variables)
        #expect(expanded.requestedPaths.map(\.path) == ["/home/ann/x", "/gone", "/secret"])
        #expect(expanded.needsNameservers)
        let layer = try expanded.resolved(
            with: [
                .found(Self.facts("/home/ann/x")), .failed(error: "ENOENT", component: "/gone"),
                .failed(error: "EACCES", component: "/secret"),
            ])
        #expect(layer.appliesTo == applies)
        #expect(layer.clauses.server == ServerClause(user: layer.clauses.server.user))
        #expect(layer.clauses.tools.default == nil)
        #expect(layer.clauses.tools.rules.map(\.id) == ["never"])
        #expect(layer.clauses.egress.udp == nil && layer.clauses.egress.unix == nil)
        #expect(layer.clauses.egress.dns?.value == .host(nameservers: []))
        #expect(layer.clauses.files.read?.map(\.path) == ["/home/ann/x"])
        #expect(layer.clauses.files.write == [])
        #expect(layer.clauses.files.execute == nil)
        #expect(layer.clauses.processes.tasks?.value == 10)
        #expect(layer.clauses.processes.spawn == nil)
        let json =
            #"{"sandboxd-layer":1,"name":"acme","description":"what ACME permits at most","applies_to":{"policies":["notes-*"],"users":["ann","bo"]},"server":{"user":"session"},"tools":{"rules":[{"id":"never","tools":["rm_*"],"effect":"deny"}]},"egress":{"tcp":["10.0.0.0/8:443"],"dns":"host"},"files":{"read":["/home/ann/x","/gone","/secret"],"write":"none"},"processes":{"tasks":10}}"#
        #expect(String(decoding: expanded.document.encoded(), as: UTF8.self) == json)
    }

    @Test(
        "R127: keys that only policies have, each with why",
        arguments: [
            ("sandboxd: 1", "R127 2:1+8 place=document problem=policy"), ("include: [a]", "R127 2:1+7 place=document problem=ownDocument"),
            ("inputs: {a: b}", "R127 2:1+6 place=document problem=ownDocument"),
            ("tests: [{act: x, expect: denied}]", "R127 2:1+5 place=document problem=ownDocument"),
            ("server: {command: [x]}", "R127 2:10+7 place=server problem=server"),
            ("server: {cwd: /x}", "R127 2:10+3 place=server problem=server"),
            ("server: {env: {set: {A: b}}}", "R127 2:10+3 place=server problem=server"), ("polices: [x]", "R107 2:1+7 place=document"),
            ("egress: {include: [x]}", "R107 2:10+7 place=egress"),
        ])
    func refusedKeys(line: String, reason: String) {
        #expect(reasons("sandboxd-layer: 1\n\(line)\n", facts: ["place", "problem"]) == [reason])
    }

    @Test(
        "everything else is judged as in a policy, at its place in the layer",
        arguments: [
            ("sandboxd-layer: 2\n", ["R110 1:17+1"]), ("name: x\n", ["R111 1:1+1"]), ("", ["R112 1:1+1"]),
            ("sandboxd-layer: 1\nname: \"${home}\"\n", ["R115 2:7+9"]),
            ("sandboxd-layer: 1\napplies_to: {users: [\"${home}\"], policies: []}\n", ["R115 2:22+9", "R112 2:44+2"]),
            ("sandboxd-layer: 1\napplies_to: {policies: [\"a?\"], groups: [x]}\n", ["R113 2:25+4", "R107 2:32+6"]),
            ("sandboxd-layer: 1\nfiles: {read: [\"${project}\"]}\n", ["R115 2:16+12"]),
            ("sandboxd-layer: 1\negress: {tcp: [\"a:1\"]}\n", ["R114 2:16+5"]),
            ("sandboxd-layer: 1\napprovals: {by: [callers]}\n", ["R110 2:18+7"]),
            (
                "sandboxd-layer: 1\ntools: {rules: [{id: a, tools: [x], effect: deny}, {id: a, tools: [y], effect: deny}]}\n",
                ["R122 2:57+1"]
            ),
        ])
    func judged(text: String, found: [String]) {
        #expect(reasons(text) == found)
    }

    @Test("a layer read for its meaning only keeps what is not enforced yet")
    func accepting() throws {
        let layer = try draft("sandboxd-layer: 1\napprovals: {by: [caller], within: 1m}\n", accepting: .everything)
        #expect(try layer.expanded(with: variables).resolved(with: []).clauses.approvals.within?.value == 60)
    }

    @Test("inputs of a policy are nothing to a layer")
    func inputs() throws {
        var variables = variables
        variables.inputs = ["project": "/x"]
        #expect(reasons("sandboxd-layer: 1\nfiles: {read: [\"${cwd}\"]}\n", variables) == [])
    }

    @Test(
        "R302: a link that others than root may change would let them change the layer",
        arguments: [(0, 0o755, true), (1_000, 0o755, false), (0, 0o775, false), (0, 0o1777, false)] as [(UInt32, UInt32, Bool)])
    func links(owner: UInt32, mode: UInt32, isTaken: Bool) throws {
        let holder = Ancestor(path: "/h", owner: owner, group: 0, mode: mode)
        let facts = Self.facts("/real", links: [FollowedLink(path: "/h/l", target: "/real", holder: holder)])
        let expanded = try draft("sandboxd-layer: 1\nfiles: {read: [/h/l]}\n").expanded(with: variables)
        do {
            #expect(try expanded.resolved(with: [.found(facts)]).clauses.files.read?.count == 1)
            #expect(isTaken)
        } catch {
            #expect(!isTaken)
            #expect(
                error.reasons.all.map { brief($0, facts: ["link", "resolved"]) } == ["R302 2:16+4 link=/h/l resolved=/real"])
        }
    }

    @Test(
        "a path that cannot be looked at for another reason refuses",
        arguments: [PathFinding.timedOut, .failed(error: "ELOOP", component: "/a")])
    func failing(finding: PathFinding) throws {
        let expanded = try draft("sandboxd-layer: 1\nfiles: {read: [/a]}\n").expanded(with: variables)
        #expect(throws: Refusal.self) { try expanded.resolved(with: [finding]) }
    }
}
