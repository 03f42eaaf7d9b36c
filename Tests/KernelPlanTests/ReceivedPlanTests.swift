import KernelPlan
import Policy
import Testing

/// Where programs at security hooks judge sockets that granted unix peers pass on.
@Suite struct ReceivedPlanTests {
    static func programs(
        tcp: EndpointGrant = .none, own: EndpointGrant = .none, unix: UnixGrant = .paths([InventedPolicies.socket]),
        on host: HostProfile = InventedHosts.daemon(abi: 10)
    ) throws -> CgroupPlan? {
        try compile(InventedPolicies.policy(tcp: tcp, unix: unix, own: own), for: host, launching: InventedPolicies.launch()).cgroup
    }

    @Test("they stand beside the programs that judge connections, and beside those that judge where the session listens")
    func beside() throws {
        let connecting = try #require(try Self.programs(tcp: InventedPolicies.endpoints("192.0.2.1:443")))
        #expect(connecting.hooks.contains(.received) && connecting.own == .none)
        let listening = try #require(try Self.programs(own: InventedPolicies.endpoints("127.0.0.1:8080")))
        #expect(listening.hooks.contains(.received) && listening.hooks.contains(.bind4) && !listening.hooks.contains(.connect4))
        #expect(listening.own == .list(EndpointTable(entries: [.init(address: IPAddress("127.0.0.1"), port: 8080)])))
        #expect(try Self.programs(own: InventedPolicies.endpoints("127.0.0.1:8080"), unix: .none)?.hooks.contains(.received) == false)
    }

    @Test("they permit listening where nothing else judges it since all of it is permitted")
    func anywhere() throws {
        let plan = try #require(try Self.programs(tcp: InventedPolicies.endpoints("192.0.2.1:443"), own: .any))
        #expect(plan.hooks.contains(.received) && !plan.hooks.contains(.bind4) && plan.own == .any)
    }
}
