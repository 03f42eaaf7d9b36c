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

    @Test("a scope lies in the daemon's own cgroup")
    func scopes() {
        #expect(SessionScope(session: "ab", in: CgroupTree(mount: "/m", own: "/")).directory == "/m/sandboxd.ab")
        #expect(SessionScope(session: "ab", in: CgroupTree(mount: "/m", own: "/x")).path(of: .server) == "/m/x/sandboxd.ab/server")
        #expect(CgroupTree(mount: "/m", own: "/x").path(ofDirectory: "/m/x/sandboxd.ab/server") == "/x/sandboxd.ab/server")
    }
}
