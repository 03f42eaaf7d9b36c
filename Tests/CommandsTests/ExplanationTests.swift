import KernelPlan
import Policy
import Testing

import struct Policy.SourceLocation

@testable import Commands

@Suite struct ExplanationTests {
    private static let place = SourceLocation(file: "p.yaml", line: 1, column: 1)

    private static func explain(_ change: (inout Policy) -> Void = { _ in }) throws -> String {
        var policy = Policy(name: "notes", description: "project notes", location: place)
        change(&policy)
        let works = Dictionary(uniqueKeysWithValues: Mechanism.allCases.map { ($0, Observation.works) })
        let host = HostProfile(kernel: "6.12", architecture: "x86_64", custody: .daemon, landlockABI: 7, observations: works)
        let caller = LaunchFacts.Caller(uid: 1_000, gid: 1_000, groups: [])
        let plan = try compile(policy, for: host, launching: LaunchFacts(caller: caller, chain: []))
        return Explanation(policy, plan, LaunchFacts(caller: caller, chain: []), on: "as invented").text(.plain)
    }

    @Test("what is absent is said to be absent")
    func closedByDefault() throws {
        let text = try Self.explain()
        for line in [
            "notes: project notes", "every tool is blocked", "tcp: connects to nothing", "udp: sends to nothing", "read: nothing",
            "write: nothing",
            "nothing in the session executes a file", "spawn: threads only", "nothing can be bound",
        ] { #expect(text.contains(line), "\(line)") }
    }

    @Test("what is easily overlooked is said")
    func warns() throws {
        let text = try Self.explain { policy in
            policy.egress.tcp = Located(.any, at: Self.place)
            policy.server.user = Located(.session, at: Self.place)
        }
        for line in [
            "any includes loopback, the local network and metadata addresses", "tasks, memory and cpu: no limit",
            "pins: first-seen: a tool is held to what the server said of it",
            "this says nothing about code that is read", "ordinary permissions apply to that uid",
        ] { #expect(text.contains("note: ") && text.contains(line), "\(line)") }
        let star = try Self.explain {
            $0.egress.tcp = Located(
                .endpoints([Located(EndpointPattern(addresses: .any, ports: .one(443)), at: Self.place)]), at: Self.place)
        }
        #expect(star.contains("* includes loopback"))
    }

    @Test("rules say what is done and what the model is told, in escaped words")
    func rules() throws {
        let text = try Self.explain { policy in
            let tools = ["get", "list_*"].compactMap { ToolPattern($0) }
            policy.tools.rules = [
                Rule(id: "look", tools: tools, effect: .allow),
                Rule(id: "no\u{1b}", tools: tools, effect: .deny, reason: "not\u{202e} here"),
            ]
        }
        #expect(text.contains("`look`: `get` and `list_*` may be called"))
        #expect(text.contains("`no\\u{1b}`: `get` and `list_*` are blocked"))
        #expect(text.contains("the model is told: not\\u{202e} here"))
        #expect(text.contains("every other tool is blocked"))
    }

    @Test("where only the gate decides, it is said")
    func backing() throws {
        let text = try Self.explain()
        #expect(text.contains("held by: the gate alone"))
        #expect(text.contains("held by: seccomp (no Fast Open, no multipath TCP)"))
    }

    // MARK: All clauses

    /// A policy's words with the plan of an empty one: what is said does not wait for what can be compiled.
    private static func words(_ change: (inout Policy) throws -> Void) throws -> String {
        let closed = Policy(name: "notes", location: place)
        var policy = closed
        try change(&policy)
        let works = Dictionary(uniqueKeysWithValues: Mechanism.allCases.map { ($0, Observation.works) })
        let host = HostProfile(kernel: "6.12", architecture: "x86_64", custody: .daemon, landlockABI: 7, observations: works)
        let launch = LaunchFacts(caller: .init(uid: 1_000, gid: 1_000, groups: []), chain: [])
        return Explanation(policy, try compile(closed, for: host, launching: launch), launch, on: "as invented").text(.plain)
    }

    private static func located<Value>(_ value: Value) -> Located<Value> { Located(value, at: place) }

    private static func endpoints(_ texts: String...) throws -> Located<EndpointGrant> {
        located(.endpoints(try texts.map { located(try EndpointPattern($0)) }))
    }

    private static func grant(_ path: String, to resolved: String? = nil) -> GrantedPath {
        let facts = PathFacts(
            resolved: resolved ?? path, kind: .directory, device: 1, inode: 1, linkCount: 1, owner: 0, group: 0, mode: 0o755)
        return GrantedPath(path: path, location: place, found: facts)
    }

    @Test("each clause of the network is said, with what one should know of it")
    func network() throws {
        let text = try Self.words { policy in
            policy.egress.udp = Self.located(.any)
            policy.egress.unix = Self.located(.paths([Self.grant("/run/x.sock")]))
            policy.egress.dns = Self.located(.host(nameservers: [.v4(0x0a00_0001)]))
            policy.ingress.tcp = try Self.endpoints("*:8080")
        }
        for line in [
            "udp: sends to any address and port", "any includes loopback, the local network and metadata addresses",
            "unix: connects to `/run/x.sock`; binding, listening and accepting stay denied",
            "whoever listens there is trusted with what may be passed, descriptors included",
            "dns: asks port 53 of 10.0.0.1, by UDP and TCP", "data can leave in them", "tcp: binds and listens at *:8080, and nowhere else",
            "others on the network may reach what listens there",
        ] { #expect(text.contains(line), "\(line)") }
        let whole = try Self.words { $0.egress.tcp = try Self.endpoints("0.0.0.0/0:443") }
        #expect(whole.contains("a network of /0 includes loopback"))
    }

    @Test("each clause of files and processes is said, with what one should know of it")
    func filesAndProcesses() throws {
        let text = try Self.words { policy in
            policy.server.user = Self.located(.caller)
            policy.files.write = [Self.grant("/srv/link", to: "/srv/data")]
            policy.files.metadata = Self.located(.owned)
            policy.files.protect = Self.located(Protect.none)
            policy.files.tmp = Self.located(.private)
            policy.files.proc = Self.located(.session)
            policy.files.execute = .paths([Self.grant("/usr/bin")])
            policy.processes.tasks = Self.located(64)
            policy.processes.memory = Self.located(512 << 20)
        }
        for line in [
            "write: `/srv/link` (that is `/srv/data`), and what is written can be read",
            "every file that the server's user owns, wherever it lies",
            "that reaches every file of yours, granted here or not", "protect: none;", "/tmp and /var/tmp are empty directories",
            "/proc shows the session's own processes", "runs whatever it can read", "whatever is readable can be loaded or interpreted",
            "whether other files exist, their names and their sizes stay visible", "tasks: at most 64 threads of all processes together",
            "memory: at most 512 MiB, none of it swapped out", "note: cpu: no limit",
        ] { #expect(text.contains(line), "\(line)") }
        let protected = try Self.words { $0.files.write = [Self.grant("/srv")] }
        #expect(protected.contains("protect: client configurations, shell start-up files and git hooks in it stay as they are"))
        #expect(try Self.words { _ in }.contains("git, venv and tools that copy files fail without it"))
    }

    @Test("what the gate decides is said: conditions, limits, budgets, masks, labels, hidden tools, messages, people")
    func gate() throws {
        let path = try #require(JSONPointer("/path")), amount = try #require(JSONPointer("/amount"))
        let text = try Self.words { policy in
            policy.tools.pins = Self.located(.firstSeen)
            policy.tools.rules = [
                Rule(
                    id: "save", tools: [try #require(ToolPattern("save"))], effect: .allow,
                    when: .all([
                        .argument(path, [.inside(["/srv"])]),
                        .any([.argument(amount, [.below(JSONText(json: Array("5".utf8)))]), .not(.argument(amount, [.exists(true)]))]),
                    ]), limit: CallLimit(calls: 30, per: .minute), redact: [path], labels: [.init(name: "risk", value: "high")]),
                Rule(
                    id: "refund", tools: [try #require(ToolPattern("refund"))], effect: .ask,
                    when: .argument(amount, [.above(JSONText(json: Array("500".utf8)))]),
                    budget: Budget(name: "refunds", of: amount, limit: JSONText(json: Array("2000".utf8)), per: .session)),
                Rule(id: "never", tools: [try #require(ToolPattern("delete_*"))], effect: .deny, isHidden: true),
            ]
            policy.messages.resources = Self.located(.patterns([try #require(ToolPattern("file:///srv/*"))]))
            policy.messages.sampling = Self.located(.ask)
            policy.messages.roots = Self.located(.allow)
            policy.evidence.arguments = Self.located(.full)
            policy.evidence.durability = Self.located(.disk)
            policy.evidence.keep = Self.located(.seconds(180 * 86_400))
            policy.approvals.by = [Self.located(.caller), Self.located(.group("security"))]
        }
        for line in [
            "`save`: `save` may be called, when `/path` lies in `/srv` and (`/amount` is below `5` or not (`/amount` is there))",
            "at most 30 calls per minute", "masked before the server sees it: `/path`", "receipts bear risk: high",
            "`refund`: `refund` wait for a person, when `/amount` is above `500`, or where that cannot be told",
            "`/amount` is charged to the budget `refunds`: 2000 in all per session", "are blocked, and answer as if they did not exist",
            "pins: first-seen: a tool is held to what the server said of it when it was first seen", "deny beats ask beats allow",
            "resources: `file:///srv/*` may be read; others are blocked",
            "sampling: the server may ask the client's model, once a person permits it, each time",
            "what the server asks the client for waits in the same way",
            "roots: the server may ask which directories", "arguments are kept as text",
            "whatever is in them, secrets too, stays beside the log; what rules mask is masked there, too",
            "outlives a failure of the host's power", "receipts are kept for 180 days",
            "they go by the day", "their age is told by the host's clock", "`sandboxctl receipts erase` drops what is kept of one message",
            "by: whoever runs the session and the group `security`",
            "a call waits for 45 seconds", "within 15 minutes",
        ] { #expect(text.contains(line), "\(line)") }
    }

    @Test("of a condition on paths or endpoints it is said whether the kernel backs it")
    func backs() throws {
        func text(_ test: Condition.Operator, _ change: (inout Policy) throws -> Void) throws -> String {
            try Self.words { policy in
                try change(&policy)
                policy.tools.rules = [
                    Rule(
                        id: "r", tools: [try #require(ToolPattern("t"))], effect: .allow,
                        when: .argument(try #require(JSONPointer("/x")), [test]))
                ]
            }
        }
        let write = { (policy: inout Policy) in policy.files.write = [Self.grant("/srv")] }
        let wider = { (policy: inout Policy) in policy.files.write = [Self.grant("/srv"), Self.grant("/opt")] }
        let both = { (policy: inout Policy) in
            policy.files.write = [Self.grant("/srv")]
            policy.files.read = [Self.grant("/usr/lib")]
        }
        let linked = { (policy: inout Policy) in policy.files.write = [Self.grant("/link", to: "/srv")] }
        #expect(try text(.inside(["/srv"]), write).contains("the kernel backs it: nothing else can be read or written, links included"))
        #expect(try text(.inside(["/srv"]), both).contains("for reading only the gate does: `/usr/lib` can be read too"))
        #expect(
            try text(.inside(["/srv"]), wider).contains("only the gate holds it, by text, and follows no link: `/opt` can be written too"))
        #expect(try text(.inside(["/link"]), linked).contains("the kernel backs it: nothing else"))
        #expect(try text(.startsWith("/srv"), write).contains("only the gate holds it, by text: it takes no `..`"))
        #expect(try text(.hostIn(["example.org"]), write).contains("the kernel backs it: the server reaches no address at all"))
        let tcp = { (policy: inout Policy) in policy.egress.tcp = try Self.endpoints("10.0.0.0/8:443") }
        #expect(try text(.hostIn(["example.org"]), tcp).contains("only the gate holds it: the kernel sees addresses, not names"))
        #expect(try text(.hostIn(["10.0.0.0/8"]), tcp).contains("the kernel backs it: no other address can be reached"))
        #expect(try text(.hostIn(["10.0.0.0/9"]), tcp).contains("only the gate holds it: other addresses can be reached too"))
        #expect(try !text(.contains(JSONText(json: Array("\"x\"".utf8))), write).contains("the gate holds it"))
    }

    @Test("where the compiler chose a mechanism, it is named, and why it was chosen")
    func choices() {
        let chosen = Choice("egress.tcp", by: [.landlockTCP], because: .noPrivilege, others: [[.connectHooks]])
        #expect(
            MechanismWords.words(.landlockTCP) + MechanismWords.because(chosen)
                == "Landlock (TCP by port) (needs no privilege; programs at connect4 and connect6 (by address and port) would do as well)")
        #expect(MechanismWords.because(Choice("x", by: [.seccomp], because: .onlyExact)).isEmpty)
        #expect(MechanismWords.because(Choice("x", by: [.seccomp], because: .onlyHere)) == " (the one way that works on this host)")
    }
}
