import KernelPlan
import Policy
import Testing

@testable import Commands

/// What is tried against which policy, and what is expected of it.
@Suite struct AttemptPlanTests {
    private static func plan(_ policy: Policy, on ground: ProofGround = ProofWorld.ground) -> AttemptPlan {
        AttemptPlan(against: PolicyMeaning(policy, launching: ProofWorld.launch), on: ground)
    }

    private static func permitted(_ policy: Policy) -> Set<String> { Set(plan(policy).tried.filter(\.isPermitted).map(\.id)) }

    @Test("attempts are told apart by their ids, and name nothing that is never made ready")
    func ids() {
        let ids = Attempt.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(!ids.contains { $0.contains(".") || $0.contains(" ") })
        let known = ProofGround.Place.allCases.map(\.rawValue) + ["address", "port", "nonce"]
        for attempt in Attempt.all {
            let names = attempt.words.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first.map(String.init) }
            #expect(names.allSatisfy(known.contains), "\(attempt.words)")
            let isAimed = attempt.words.contains("{address}")
            #expect(isAimed == (attempt.aim != .once), "\(attempt.id)")
        }
    }

    @Test("of a closed policy nothing is permitted but threads and pairs")
    func closed() {
        #expect(Self.permitted(ProofWorld.policy()) == ["thread", "pair"])
    }

    @Test(
        "what a clause permits must work, at its endpoints and places and no others",
        arguments: [
            ("endpoints", ["tcp.granted-1"], ["tcp.v4", "tcp.granted-1-port-above", "udp-sendto.granted-1", "fast-open-sendto.v4"]),
            ("udp", ["udp-sendto.granted-1"], ["udp-sendto.v4", "tcp.granted-1", "udplite-sendto"]),
            (
                "any", ["tcp.v4", "tcp.v6", "tcp-named.v4", "fast-open-option.v4"],
                ["mptcp.v4", "fast-open-sendto.v4", "tcp-int80", "udp-sendto.v4"]
            ),
            ("listening", ["listen-tcp.granted-1", "listen-unbound"], ["listen-tcp.v4", "listen-mptcp.granted-1", "bind-udp.granted-1"]),
            ("reading", ["read-readable", "list-granted"], ["read", "write-readable", "create-readable", "truncate-open-readable"]),
            (
                "writing", ["create-writable", "rename-writable", "read-writable"],
                ["rename-out", "rename-in", "make-fifo-writable", "rename-whiteout"]
            ),
            ("metadata", ["chmod", "chown", "utime", "xattr"], ["write"]),
            ("spawning", ["fork", "vfork", "clone"], ["clone3", "spawn", "exec"]),
            ("executing", ["exec", "spawn", "exec-chain"], ["exec-memory", "clone3"]),
        ] as [(String, Set<String>, Set<String>)])
    func permits(name: String, permitted: Set<String>, forbidden: Set<String>) throws {
        let policy = try #require(ProofWorld.policies.first { $0.0 == name }?.1)
        let tried = Self.plan(policy).tried
        let worked = Set(tried.filter(\.isPermitted).map(\.id))
        #expect(permitted.subtracting(worked) == [])
        #expect(worked.intersection(forbidden) == [])
        #expect(forbidden.subtracting(tried.map(\.id)) == [])
    }

    @Test("what is expected is what the reference evaluator says, and what the plan means", arguments: ProofWorld.policies.map(\.0))
    func equalsTheReference(name: String) throws {
        let policy = try #require(ProofWorld.policies.first { $0.0 == name }?.1)
        let meaning = PolicyMeaning(policy, launching: ProofWorld.launch)
        let plan = PlanMeaning(try compile(policy, for: ProofWorld.host, launching: ProofWorld.launch))
        let byID = Dictionary(uniqueKeysWithValues: Attempt.all.map { ($0.id, $0) })
        for aimed in Self.plan(policy).tried {
            let attempt = try #require(byID[aimed.id.split(separator: ".").first.map(String.init) ?? ""])
            let asked = attempt.asks.map { $0.operation(on: ProofWorld.ground, at: aimed.endpoint) }
            #expect(aimed.isPermitted == (!asked.isEmpty && asked.allSatisfy(meaning.permits)), "\(aimed.id)")
            // What other entries into the kernel ask for has no name in the plan: a filter ends whoever uses one.
            let named = asked.filter { $0 != .forbidden(call: "int 0x80") && $0 != .forbidden(call: "x32") }
            for operation in named { #expect(meaning.permits(operation) == plan.permits(operation), "\(aimed.id): \(operation)") }
        }
    }

    @Test("what could not be made ready is told with its reason, and what is not granted is not asked for")
    func untried() {
        var ground = ProofWorld.ground
        ground.places[.writable] = .notGranted
        ground.places[.loader] = .missing("no loader")
        ground.places[.copy] = .here("/tmp/a b/copy")
        ground.unopened = ["127.0.0.1:443": "it cannot be opened here"]
        let plan = Self.plan(ProofWorld.policy(), on: ground)
        let ids = plan.tried.map(\.id) + plan.untried.map(\.id)
        #expect(!ids.contains("create-writable"))
        #expect(plan.untried.contains(UntriedAttempt(id: "exec-loader", clause: .execute, reason: "no loader")))
        #expect(plan.untried.contains { $0.id == "exec" && $0.reason.contains("space") })
        #expect(plan.untried.contains { $0.id.contains("127.0.0.1:443") })
    }

    @Test("one attempt, or one at all its targets, can be chosen")
    func only() {
        let plan = Self.plan(ProofWorld.policy())
        #expect(plan.only("tcp.v6").tried.map(\.id) == ["tcp.v6"])
        #expect(plan.only("tcp").tried.map(\.id) == ["tcp.v4", "tcp.v6", "tcp.granted-1", "tcp.granted-1-port-above"])
        #expect(plan.only("no-such").isEmpty)
    }

    @Test("words are filled in but for the nonce")
    func words() throws {
        let plan = Self.plan(ProofWorld.policy())
        let tcp = try #require(plan.tried.first { $0.id == "tcp.v6" })
        #expect(tcp.words == "tcp ::1 4000 {nonce}")
        #expect(tcp.what == "connect(2), [::1]:4000")
        let read = try #require(plan.tried.first { $0.id == "read-by-root" })
        let itsRoot = "/proc/self/root"
        #expect(read.words == "read \(itsRoot)/tmp/p/outside/note")
        #expect(read.witness == .said("5ec4e7"))
    }

    @Test(
        "endpoints stand on both sides of every border that a policy draws on loopback",
        arguments: [
            (["127.0.0.1:443"], ["127.0.0.1:443", "127.0.0.1:442", "127.0.0.1:444", "127.0.0.2:443"]),
            (["127.0.0.2/31:10-20"], ["127.0.0.2:10", "127.0.0.2:20", "127.0.0.2:9", "127.0.0.2:21", "127.0.0.1:10"]),
            (["[::1]:*"], ["[::1]:4000"]), (["*:65535"], ["127.0.0.1:65535", "127.0.0.1:65534"]),
            (["public:443", "203.0.113.10:443", "10.0.0.0/8:1"], []),
        ] as [([String], [String])])
    func borders(patterns: [String], expected: [String]) {
        let grant = EndpointGrant.endpoints(patterns.compactMap { try? EndpointPattern($0) }.map { ProofWorld.located($0) })
        #expect(LoopbackBorders(grant).endpoints(free: 4_000).map(AttemptPlan.text) == expected)
    }
}
