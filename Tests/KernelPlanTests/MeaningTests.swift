import Foundation
import KernelPlan
import Policy
import TestSupport
import Testing

/// The policy's meaning against the plan's: for random policies and hosts, either refused or equal on every operation.
@Suite struct MeaningTests {
    typealias Act = RandomCases.Act

    /// SANDBOXD_SEED chooses another sequence, SANDBOXD_CASES another length.
    static let seed = ProcessInfo.processInfo.environment["SANDBOXD_SEED"].flatMap { UInt64($0) } ?? 20_261_121
    static let count = ProcessInfo.processInfo.environment["SANDBOXD_CASES"].flatMap { Int($0) } ?? 500

    @Test("a plan permits what its policy permits, operation by operation, or there is no plan")
    func planEqualsPolicy() {
        var cases = RandomCases(generator: SeededGenerator(seed: Self.seed))
        var compared = 0
        for index in 0..<Self.count {
            let policy = cases.policy()
            let host = cases.host()
            guard let plan = try? compile(policy, for: host, launching: InventedPolicies.launch()) else { continue }
            compared += 1
            let difference = Self.difference(policy, plan, RandomCases.fixed + cases.sockets(40))
            #expect(difference == nil, "seed \(Self.seed), case \(index): \(difference.map(String.init(describing:)) ?? "")\n\(plan.text)")
            if difference != nil { return }
        }
        // A generator that makes only what is refused would prove nothing.
        #expect(compared * 10 > Self.count, "only \(compared) of \(Self.count) policies had a plan")
    }

    static func difference(_ policy: Policy, _ plan: KernelPlan, _ operations: [Act]) -> String? {
        let meant = PolicyMeaning(policy, launching: InventedPolicies.launch())
        let done = PlanMeaning(plan)
        for operation in operations where meant.permits(operation) != done.permits(operation) {
            return "\(operation): the policy says \(meant.permits(operation)), the plan \(done.permits(operation))"
        }
        return nil
    }

    @Test("the comparison finds a plan that permits too much or too little")
    func findsDifferences() throws {
        let policy = InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.10:443"), user: .session)
        let plan = try compile(policy, for: InventedHosts.named("new-daemon"), launching: InventedPolicies.launch())
        #expect(Self.difference(policy, plan, RandomCases.fixed) == nil)
        var wider = plan
        wider.cgroup = CgroupPlan(hooks: [.connect4, .connect6], tcp: .any)
        wider.landlock.connectPorts = nil
        #expect(Self.difference(policy, wider, RandomCases.fixed) != nil)
        var narrower = plan
        narrower.cgroup = CgroupPlan(hooks: [.connect4, .connect6])
        #expect(Self.difference(policy, narrower, RandomCases.fixed) != nil)
        for group in plan.seccomp.groups.indices where !Self.isSecondLayer(plan.seccomp.groups[group].name) {
            var without = plan
            without.seccomp.groups.remove(at: group)
            var cases = RandomCases(generator: SeededGenerator(seed: 1))
            #expect(Self.difference(policy, without, RandomCases.fixed + cases.sockets(400)) != nil, "\(plan.seccomp.groups[group].name)")
        }
    }

    /// Groups whose operations the universe above does not name.
    static func isSecondLayer(_ name: String) -> Bool {
        ["system calls newer than this table", "new seccomp listeners", "messages and memory shared by key"].contains(name)
    }
}
