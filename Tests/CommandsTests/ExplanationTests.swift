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
        return Explanation(policy, plan, on: "as invented").text(.plain)
    }

    @Test("what is absent is said to be absent")
    func closedByDefault() throws {
        let text = try Self.explain()
        for line in [
            "notes: project notes", "every tool is blocked", "tcp: connects to nothing", "udp: nothing can be sent", "read: nothing",
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
            "pins: none until they are enforced",
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
        #expect(text.contains("held by: programs at connect4 and connect6 (by address and port)"))
    }
}
