import KernelPlan
import Policy
import Testing

/// What programs judge of a session that runs.
@Suite("plans that tighten")
struct TighteningPlanTests {
    static let everything = InventedPolicies.policy(tcp: .any, udp: .any, unix: .any, own: .any)
    static let sockets = InventedPolicies.grant(InventedPolicies.facts("/run/a.sock", .socket))
    static let list = InventedPolicies.endpoints("192.0.2.1:443")

    @Test("every hook of the network judges by what the new policy says, whatever held the old one")
    func judgesAll() throws {
        let server = IPAddress("192.0.2.53")!
        let new = InventedPolicies.policy(tcp: Self.list, unix: .any, dns: .host(nameservers: [server]))
        let plan = try #require(CgroupPlan(tightening: Self.everything, to: new, on: InventedHosts.everything))
        #expect(Set(plan.hooks) == [.connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress])
        guard case .list(let tcp) = plan.tcp, case .list(let udp) = plan.udp else {
            Issue.record("\(plan)")
            return
        }
        #expect(tcp.entries.count == 2)
        #expect(udp.entries.map(\.port) == [53])
        #expect(plan.own == .none)
    }

    struct Unix: Sendable {
        let old: UnixGrant
        let new: UnixGrant
        let missing: Set<Mechanism>
        /// `nil`: not in place.
        let hooks: Set<CgroupPlan.Hook>?
    }

    static let unixCases = [
        Unix(old: .none, new: .none, missing: [.unixHooks, .bpfLSM], hooks: []),
        Unix(old: .any, new: .none, missing: [], hooks: [.connectUnix, .sendmsgUnix]),
        Unix(old: .any, new: .none, missing: [.unixHooks], hooks: nil),
        Unix(old: .any, new: .paths([sockets]), missing: [], hooks: [.unix]),
        Unix(old: .any, new: .paths([sockets]), missing: [.bpfLSM], hooks: nil),
        Unix(old: .paths([sockets]), new: .paths([sockets]), missing: [.bpfLSM], hooks: []),
        Unix(old: .none, new: .any, missing: [], hooks: nil),
    ]

    @Test("unix sockets are taken away by hooks that the host has, or not in place", arguments: unixCases)
    func takesUnix(_ testCase: Unix) {
        let host = InventedHosts.daemon(abi: 10, without: testCase.missing)
        let plan = CgroupPlan(
            tightening: InventedPolicies.policy(unix: testCase.old), to: InventedPolicies.policy(unix: testCase.new), on: host)
        let network: Set<CgroupPlan.Hook> = [.connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress]
        #expect(plan.map { Set($0.hooks).subtracting(network) } == testCase.hooks)
        #expect(plan?.unix.map(\.path) ?? [] == (testCase.hooks?.contains(.unix) == true ? ["/run/a.sock"] : []))
    }
}
