import KernelPlan
import Testing

@testable import Kernel

@Suite struct ControllersTests {
    static let mounts = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 /inside /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        39 31 0:36 / /sys/fs/cgroup/cpuset\\040and\\040pids rw,relatime - cgroup cgroup rw,cpuset,pids
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """

    @Test(
        "a controller of an old hierarchy is where mountinfo and the process's own path say",
        arguments: [
            (Controller.cpu, "2:cpu,cpuacct:/a b\n", Controllers.Place.legacy(directory: "/sys/fs/cgroup/cpu,cpuacct/a b")),
            (.cpu, "2:cpu,cpuacct:/\n", .legacy(directory: "/sys/fs/cgroup/cpu,cpuacct")),
            (.tasks, "5:cpuset,pids:/x\n", .legacy(directory: "/sys/fs/cgroup/cpuset and pids/x")),
            // Only a part of the hierarchy is mounted.
            (.memory, "4:memory:/inside/own\n", .legacy(directory: "/sys/fs/cgroup/memory/own")),
            (.memory, "4:memory:/inside\n", .legacy(directory: "/sys/fs/cgroup/memory")),
            (.memory, "4:memory:/insider\n", .absent("its hierarchy is not mounted")),
            (.memory, "4:memory:/\n", .absent("its hierarchy is not mounted")),
        ])
    func legacy(_ controller: Controller, _ cgroups: String, _ expected: Controllers.Place) {
        #expect(Controllers.legacy(controller, mounts: Self.mounts, cgroups: cgroups) == expected)
    }

    @Test("neither cgroup2's line nor a name that only begins alike is a hierarchy of the controller")
    func others() {
        #expect(Controllers.legacy(.cpu, mounts: Self.mounts, cgroups: "0::/a\n2:cpuacct:/b\n3:name=cpu:/c\n") == nil)
        #expect(Controllers.legacy(.cpu, mounts: "", cgroups: "2:cpu:/b\n") == .absent("its hierarchy is not mounted"))
    }

    @Test("a daemon in its own leaf makes scopes beside it")
    func leaf() throws {
        let found = try #require(try CgroupTree.find())
        #expect(!found.own.hasSuffix(CgroupTree.daemonLeaf))
    }

    @Test(
        "each limit is written in the words of its hierarchy, and as it will be read back",
        arguments: [
            (Controller.tasks, 64, true, ["pids.max=64"]), (.tasks, 64, false, ["pids.max=64"]),
            (.tasks, .max, false, ["pids.max=4194304"]),
            (.memory, (8 << 20) + 1, true, ["memory.limit_in_bytes=8388608", "memory.memsw.limit_in_bytes=8388608"]),
            (.memory, 8 << 20, false, ["memory.max=8388608", "memory.swap.max=0"]),
            (.cpu, 50, true, ["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000"]), (.cpu, 250, false, ["cpu.max=250000 100000"]),
            (.cpu, 1, false, ["cpu.max=1000 100000"]),
        ])
    func files(_ controller: Controller, _ limit: Int, _ isLegacy: Bool, _ expected: [String]) {
        #expect(LimitFile.files(controller, limit: limit, isLegacy: isLegacy).map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test("a controller that is not there is no limit: nothing is made")
    func absent() {
        let scope = SessionScope(directory: "/nonexistent/sandboxd.x")
        let controllers = Controllers([.tasks: .unified, .memory: .absent("why")])
        let failure = #expect(throws: LaunchFailure.self) {
            try ServerLimits(ResourceLimits(tasks: 1, memory: 1 << 20), session: "x", scope: scope, controllers)
        }
        #expect(failure?.step == .makeScope)
        #expect(failure?.detail == "the memory controller: why")
    }

    @Test("limits lie in the server's leaf, or in a cgroup of the session's own; those of an absent controller nowhere")
    func directories() throws {
        let scope = SessionScope(directory: "/c/sandboxd.x")
        let controllers = Controllers([.tasks: .unified, .memory: .legacy(directory: "/m"), .cpu: .absent("why")])
        let all = ServerLimits.directories(session: "x", scope: scope, controllers)
        #expect(all == [.tasks: "/c/sandboxd.x/server", .memory: "/m/sandboxd.x"])
        let some = try ServerLimits(ResourceLimits(memory: 1 << 20), session: "x", scope: scope, controllers)
        #expect(some.directories == [.memory: "/m/sandboxd.x"])
    }
}
