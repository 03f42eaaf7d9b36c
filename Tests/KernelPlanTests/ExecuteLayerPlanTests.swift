import KernelPlan
import Policy
import Testing

/// Where a program at a security hook holds `files.execute` a second time.
@Suite struct ExecuteLayerPlanTests {
    static let tool = InventedPolicies.grant(InventedPolicies.facts("/usr/bin/git", .file, inode: 70))
    static let directory = InventedPolicies.grant(InventedPolicies.facts("/usr/bin", inode: 71))
    static let addresses = InventedPolicies.endpoints("192.0.2.1:443")
    /// Unix sockets by path leave it to programs there.
    static let host = InventedHosts.daemon(abi: 10, without: [.landlockUnix, .mountNamespace])

    static func plan(
        _ execute: ExecuteGrant, unix: UnixGrant = .paths([InventedPolicies.socket]), tcp: EndpointGrant = .none,
        on host: HostProfile = host
    ) throws -> KernelPlan {
        try compile(
            InventedPolicies.policy(tcp: tcp, unix: unix, execute: execute), for: host, launching: InventedPolicies.launch())
    }

    @Test("it knows the command, what starts it, and what is listed, and whether that is once")
    func lists() throws {
        let once = try #require(try Self.plan(.none).cgroup)
        #expect(once.hooks.contains(.execute) && once.executesOnce)
        #expect(once.executed.map(\.path) == InventedPolicies.launch().chain.map(\.facts.resolved).sorted())
        let list = try #require(try Self.plan(.paths([Self.tool])).cgroup)
        #expect(list.hooks.contains(.execute) && !list.executesOnce)
        #expect(list.executed.map(\.path) == (InventedPolicies.launch().chain.map(\.facts.resolved) + ["/usr/bin/git"]).sorted())
        #expect(list.executed.allSatisfy { $0.inode > 0 })
    }

    @Test("it names the very inodes that Landlock lets be executed", arguments: [ExecuteGrant.none, .paths([tool])])
    func sameAsLandlock(_ grant: ExecuteGrant) throws {
        let plan = try Self.plan(grant)
        let rules = plan.landlock.paths.filter { $0.rights.contains(.execute) }
        #expect(plan.cgroup?.executed == rules.map { InodeRule(path: $0.path, device: $0.device, inode: $0.inode) })
    }

    @Test("it is not there where a directory is granted, and the plan says why")
    func directories() throws {
        let plan = try Self.plan(.paths([Self.tool, Self.directory]))
        #expect(plan.cgroup?.hooks.contains(.unix) == true)
        #expect(plan.cgroup?.hooks.contains(.execute) == false && plan.cgroup?.executed == [])
        #expect(plan.choices.contains(Choice("files.execute", by: [.landlockFiles], because: .directories)))
        #expect(plan.text.contains("held     files.execute: landlock-files (directories)\n"))
        #expect(try !Self.plan(.paths([Self.tool])).choices.contains { $0.because == .directories })
    }

    @Test("it is there only beside other programs at security hooks, and where the host has it")
    func beside() throws {
        #expect(try Self.plan(.none, unix: .none, tcp: Self.addresses).cgroup?.hooks.contains(.execute) == false)
        // Sockets by path are Landlock's here, and what comes over them is judged at security hooks.
        let received = try Self.plan(.none, tcp: Self.addresses, on: InventedHosts.daemon(abi: 10)).cgroup
        #expect(received?.hooks.contains(.received) == true && received?.hooks.contains(.execute) == true)
        var without = Self.host
        without.observations[.executeHook] = .absent("not effective")
        let plan = try Self.plan(.paths([Self.directory]), on: without)
        #expect(plan.cgroup?.hooks.contains(.execute) == false && !plan.choices.contains { $0.because == .directories })
    }
}
