import Testing

@testable import Kernel

@Suite struct CgroupTreeTests {
    static let hybrid = """
        25 20 0:22 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro
        26 25 0:23 / /sys/fs/cgroup/unified rw,nosuid shared:5 - cgroup2 cgroup2 rw
        27 25 0:24 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
        """
    static let odd = """
        26 25 0:23 /part /mnt/part rw - cgroup2 none rw
        28 25 0:23 / /mnt/with\\040space rw - cgroup2 none rw
        """

    @Test(
        "cgroup2 is found wherever it is mounted whole, on hybrid hosts too",
        arguments: [(hybrid, "/sys/fs/cgroup/unified"), (odd, "/mnt/with space"), ("", nil), ("garbage\n", nil)])
    func finds(_ mountinfo: String, _ expected: String?) {
        #expect(CgroupTree.mountPoint(in: mountinfo) == expected)
    }

    @Test(
        "the own path is that of the unified hierarchy",
        arguments: [("5:pids:/x\n0::/a/b\n", "/a/b"), ("0::/\n", "/"), ("5:pids:/x\n", nil)])
    func ownPath(_ text: String, _ expected: String?) {
        #expect(CgroupTree.ownPath(in: text) == expected)
    }

    @Test("a cgroup beside the own one is found by its name, and one elsewhere by its path")
    func others() {
        let own = CgroupTree(mount: "/m", own: "/system.slice/sandboxd.service")
        #expect(own.beside(named: "s.service") == CgroupTree(mount: "/m", own: "/system.slice/s.service", isOwn: false))
        #expect(CgroupTree(mount: "/m", own: "/").beside(named: "s").directory == "/m/s")
        #expect(own.other(at: "/a/b").directory == "/m/a/b")
    }

    @Test(
        "a scope's name is not that of a service",
        arguments: [
            ("sandboxd.0123456789abcdef", true), ("sandboxd.service", false), ("sandboxd.socket", false),
            ("sandboxd.0123456789ABCDEF", false),
            ("sandboxd.0123456789abcde", false), ("sandboxd-sessions.service", false), ("0123456789abcdef", false),
        ])
    func names(_ name: String, _ isScope: Bool) {
        #expect(SessionScope.isName(name) == isScope)
        #expect(SessionScope.isName(name.split(separator: "/")[0]) == isScope)
    }

    @Test("a scope lies in the daemon's own cgroup")
    func scopes() {
        #expect(SessionScope(session: "ab", in: CgroupTree(mount: "/m", own: "/")).directory == "/m/sandboxd.ab")
        #expect(SessionScope(session: "ab", in: CgroupTree(mount: "/m", own: "/x")).path(of: .server) == "/m/x/sandboxd.ab/server")
        #expect(CgroupTree(mount: "/m", own: "/x").path(ofDirectory: "/m/x/sandboxd.ab/server") == "/x/sandboxd.ab/server")
    }
}
