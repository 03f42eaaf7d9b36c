import Foundation
import KernelPlan
import Policy
import TestSupport
import Testing

/// The policy's meaning against the plan's: for random policies and hosts, either refused or equal on every operation.
@Suite struct MeaningTests {
    /// SANDBOXD_SEED chooses another sequence, SANDBOXD_CASES another length.
    static let seed = ProcessInfo.processInfo.environment["SANDBOXD_SEED"].flatMap { UInt64($0) } ?? 20_261_121
    static let count = ProcessInfo.processInfo.environment["SANDBOXD_CASES"].flatMap { Int($0) } ?? 500

    @Test("a plan permits what its policy permits, operation by operation, or there is no plan")
    func planEqualsPolicy() {
        var cases = RandomCases(seed: Self.seed)
        var compared = 0
        var operations = 0
        for index in 0..<Self.count {
            let subject = cases.next()
            guard let plan = subject.plan else { continue }
            compared += 1
            let samples = Samples.operations(for: subject, seed: Self.seed &+ UInt64(index))
            operations += samples.count
            guard let difference = Difference.first(subject, plan, samples) else { continue }
            let shrinking = Shrinking(plan: { $0.plan }, seed: Self.seed)
            let (smallest, reason) = shrinking.smallest(subject) ?? (subject, difference)
            Issue.record("seed \(Self.seed), case \(index): \(reason)\n\(smallest)\n\(smallest.plan.map(GoldenPlanTests.shortened) ?? "")")
            return
        }
        // A generator that makes only what is refused would prove nothing.
        #expect(compared * 4 > Self.count, "only \(compared) of \(Self.count) policies had a plan")
        print("policy and plan: \(compared) of \(Self.count) policies had a plan, equal on \(operations) operations")
    }

    @Test("a counterexample is made as small as it can be")
    func shrinks() throws {
        // A compiler that forgets the filter on what comes in.
        let forgets = { (subject: Case) -> KernelPlan? in
            guard var plan = subject.plan else { return nil }
            plan.cgroup?.hooks.removeAll { $0 == .ingress }
            return plan
        }
        let policy = InventedPolicies.policy(
            tcp: InventedPolicies.endpoints("192.0.2.10:443", "10.0.0.0/8:5432"),
            own: InventedPolicies.endpoints("127.0.0.1:8080", "127.0.0.1:9090"),
            read: [InventedPolicies.grant(InventedPolicies.facts("/usr"))], spawn: .any, tasks: 5, user: .session)
        let subject = Case(policy: policy, host: InventedHosts.everything, launch: InventedPolicies.launch())
        let (smallest, difference) = try #require(Shrinking(plan: forgets, seed: 1).smallest(subject))
        #expect(difference.operation.contains("accept(") && difference.plan && !difference.policy)
        #expect(smallest.policy.ingress.tcp.orNone.patterns.count == 1)
        #expect(smallest.policy.egress.tcp == nil && smallest.policy.files.readable.isEmpty && smallest.policy.processes.tasks == nil)
        // What is left is what the plan takes.
        let needed: Set<Mechanism> = [.seccomp, .seccompNotification, .landlockFiles, .cgroup, .bindHooks, .ingressFilter, .pins]
        #expect(Set(Mechanism.allCases.filter(smallest.host.has)) == needed)
    }

    // MARK: Every part of a plan is there for something

    static let whole: [(name: String, subject: Case)] =
        InventedPolicies.named.map {
            ($0.name, Case(policy: $0.policy, host: InventedHosts.daemon(abi: 10), launch: $0.launch))
        } + [
            (
                "unix by programs",
                Case(
                    policy: InventedPolicies.policy(
                        tcp: InventedPolicies.endpoints("192.0.2.10:443"), unix: .paths([InventedPolicies.socket]),
                        own: InventedPolicies.endpoints("127.0.0.1:8080")),
                    host: InventedHosts.daemon(abi: 7), launch: InventedPolicies.launch())
            ),
            (
                "unix by a tree",
                Case(
                    policy: InventedPolicies.policy(unix: .paths([InventedPolicies.socket])),
                    host: InventedHosts.daemon(abi: 8, without: [.bpfLSM, .landlockTCP, .connectHooks]), launch: InventedPolicies.launch())
            ),
            (
                "below ABI 3",
                Case(
                    policy: InventedPolicies.policy(read: [InventedPolicies.grant(InventedPolicies.facts("/usr/share"))], user: .session),
                    host: InventedHosts.daemon(abi: 2), launch: InventedPolicies.launch())
            ),
            (
                "udp beside own endpoints",
                Case(
                    policy: InventedPolicies.policy(udp: InventedPolicies.endpoints("10.0.0.0/8:53", "[2001:db8::/32]:53"), own: .any),
                    host: InventedHosts.daemon(abi: 7), launch: InventedPolicies.launch())
            ),
        ]

    @Test("every part of a plan is there for something: without it some operation differs")
    func everyPartMatters() throws {
        var found: Set<String> = []
        var missed: [String: [String]] = [:]
        for (name, subject) in Self.whole {
            let plan = try compile(subject.policy, for: subject.host, launching: subject.launch)
            let comparison = Comparison(subject, Samples.operations(for: subject, seed: 1, thorough: true))
            #expect(comparison.difference(of: plan) == nil, "\(name)")
            for mutation in Mutations.all(of: plan) {
                if comparison.difference(of: mutation.plan) != nil {
                    found.insert(mutation.name)
                } else {
                    missed[mutation.name, default: []].append(name)
                }
            }
        }
        for (part, policies) in missed.sorted(by: { $0.key < $1.key }) where !Mutations.redundant.contains(part) {
            // Rights that nothing is granted by are handled all the same, and what is executed, or connected to in an empty network, a second
            // layer may hold as well; one policy must tell what for.
            let isHeldElsewhere =
                part.hasPrefix("handled ") || part == "scope [\"signals\"]" || part.hasPrefix("seccomp files.execute")
                || part == "no ports handled"
            #expect(isHeldElsewhere && found.contains(part), "\(part), in \(policies)")
        }
        #expect(Mutations.redundant.isDisjoint(with: found) && Mutations.redundant.isSubset(of: missed.keys))
    }
}
