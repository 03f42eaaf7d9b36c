import CKernel
import CLinux
import Glibc
import Testing

@Suite("live probes", .enabled(if: isRoot, "needs root: scratch cgroups and programs"), .serialized)
struct ProbeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The Landlock ABI from on which it must work; nil: everywhere.
        let since: Int32?
        let probe: @Sendable (inout ck_probe_context) -> ck_probed
    }

    static let cases = [
        Case(testDescription: "files", since: 1) { ck_probe_landlock_files(&$0) },
        Case(testDescription: "truncate", since: 3) { ck_probe_landlock_truncate(&$0) },
        Case(testDescription: "TCP", since: 4) { ck_probe_landlock_tcp(&$0) },
        Case(testDescription: "signals", since: 6) { ck_probe_landlock_signal(&$0) },
        Case(testDescription: "abstract unix sockets", since: 6) { ck_probe_landlock_abstract_unix(&$0) },
        Case(testDescription: "unix sockets by path", since: 9) { ck_probe_landlock_unix(&$0) },
        Case(testDescription: "seccomp filter", since: nil) { ck_probe_seccomp_filter(&$0) },
        Case(testDescription: "launch once", since: nil) { ck_probe_seccomp_launch_once(&$0) },
        Case(testDescription: "cgroup", since: nil) { ck_probe_cgroup(&$0) },
        Case(testDescription: "mount namespace", since: nil) { ck_probe_mount_namespace(&$0) },
        Case(testDescription: "own /proc", since: nil) { ck_probe_private_proc(&$0) },
        Case(testDescription: "mapped owners", since: nil) { ck_probe_idmapped_mounts(&$0) },
        Case(testDescription: "empty network", since: nil) { ck_probe_network_namespace(&$0) },
        Case(testDescription: "connect4", since: nil) { ProbeTests.egress(&$0, CK_HOOK_CONNECT4) },
        Case(testDescription: "connect6", since: nil) { ProbeTests.egress(&$0, CK_HOOK_CONNECT6) },
        Case(testDescription: "sendmsg4", since: nil) { ProbeTests.egress(&$0, CK_HOOK_SENDMSG4, protocol: 17) },
        Case(testDescription: "sendmsg6", since: nil) { ProbeTests.egress(&$0, CK_HOOK_SENDMSG6, protocol: 17) },
        Case(testDescription: "connect4 for UDP", since: nil) { ProbeTests.egress(&$0, CK_HOOK_CONNECT4, protocol: 17) },
        Case(testDescription: "connect6 for UDP", since: nil) { ProbeTests.egress(&$0, CK_HOOK_CONNECT6, protocol: 17) },
        Case(testDescription: "packets out", since: nil) { ProbeTests.egress(&$0, CK_HOOK_EGRESS, protocol: 17) },
        Case(testDescription: "packets in", since: nil) { ProbeTests.egress(&$0, CK_HOOK_INGRESS, protocol: 17) },
        Case(testDescription: "connections in", since: nil) { ProbeTests.egress(&$0, CK_HOOK_INGRESS) },
        Case(testDescription: "bind4", since: nil) { ProbeTests.egress(&$0, CK_HOOK_BIND4) },
        Case(testDescription: "bind6", since: nil) { ProbeTests.egress(&$0, CK_HOOK_BIND6) },
        Case(testDescription: "kinds of sockets", since: nil) { ProbeTests.egress(&$0, CK_HOOK_SOCK_CREATE) },
        // They came with the kernel that brought ABI 4.
        Case(testDescription: "hooks of unix sockets", since: 4) { context in
            let object = EmbeddedBPF.bytes(of: "egress") ?? []
            return ck_probe_unix_hooks(&context, object, object.count)
        },
    ]

    static func egress(_ context: inout ck_probe_context, _ hook: ck_hook, protocol number: UInt32 = 6) -> ck_probed {
        let object = ck_egress_object(hook).flatMap { EmbeddedBPF.bytes(of: String(cString: $0)) } ?? []
        return ck_probe_egress(&context, object, object.count, hook.rawValue, number)
    }

    @Test("a mechanism that this kernel has is seen to work", arguments: cases)
    func works(_ testCase: Case) throws {
        let cgroup = try ScratchCgroup()
        var context = ck_probe_context(cgroup: cgroup.directory("server"), deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        defer { close(context.cgroup) }
        let found = testCase.probe(&context)
        let expected = testCase.since.map { ck_landlock_abi() >= $0 } ?? true
        #expect(found.finding == (expected ? CK_WORKS : CK_UNAVAILABLE), "error \(found.error) at \(found.step)")
    }

    /// A kernel that refuses them says so when they are loaded; one that loads them must be seen to deny.
    @Test("programs at security hooks deny, or are refused when set up")
    func security() throws {
        let cgroup = try ScratchCgroup()
        var context = ck_probe_context(cgroup: cgroup.directory("server"), deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        defer { close(context.cgroup) }
        let object = ck_egress_object(CK_HOOK_UNIX_STREAM).flatMap { EmbeddedBPF.bytes(of: String(cString: $0)) } ?? []
        let found = ck_probe_unix_programs(&context, object, object.count)
        let isRefused = found.finding == CK_UNAVAILABLE && found.step == 3
        #expect(found.finding == CK_WORKS || isRefused, "finding \(found.finding.rawValue), error \(found.error) at \(found.step)")
        print("programs at security hooks: finding \(found.finding.rawValue), error \(found.error)")
        for (hook, number) in [
            (CK_HOOK_RECEIVED_CONNECT, 6), (CK_HOOK_RECEIVED_SEND, 17), (CK_HOOK_RECEIVED_BIND, 6), (CK_HOOK_RECEIVED_LISTEN, 6),
        ] {
            let received = Self.egress(&context, hook, protocol: UInt32(number))
            #expect(
                received.finding == (isRefused ? CK_UNAVAILABLE : CK_WORKS),
                "hook \(hook.rawValue): finding \(received.finding.rawValue), error \(received.error) at \(received.step)")
        }
    }

    @Test("the Fast Open hole is judged by trying it")
    func fastOpen() {
        var context = ck_probe_context(cgroup: -1, deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        let found = ck_probe_landlock_fastopen(&context)
        let isJudged = [CK_WORKS, CK_INEFFECTIVE].contains(found.finding)
        #expect(ck_landlock_abi() < 4 || isJudged, "\(found)")
    }

    @Test("what cannot be set up is said to be unavailable, not to work")
    func unavailable() {
        var context = ck_probe_context(cgroup: -1, deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        let found = ck_probe_cgroup(&context)
        #expect(found.finding == CK_UNAVAILABLE)
        #expect(found.error == EBADF)
    }

    @Test("what a maker of scratch cgroups left that has ended is collected, and nobody else's")
    func collects() throws {
        let cgroup = try ScratchCgroup()
        let parent = cgroup.directory("server")
        defer { close(parent) }
        let own = "sandboxd-probe-\(getpid())"
        for name in ["sandboxd-probe-4194304-1-0", "\(own)-1-0", "\(own)-1-0x", "\(own)-1", "\(own)--1", "other"] {
            #expect(mkdir("\(cgroup.path)/server/\(name)", 0o755) == 0)
        }
        #expect(ck_probe_collect(parent) == 2)
        for name in ["\(own)-1-0x", "\(own)-1", "\(own)--1", "other"] { #expect(rmdir("\(cgroup.path)/server/\(name)") == 0) }
        #expect(ck_probe_collect(-1) == -EBADF)
    }

    @Test("probes leave no cgroup behind")
    func leavesNothing() throws {
        let cgroup = try ScratchCgroup()
        var context = ck_probe_context(cgroup: cgroup.directory("server"), deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        defer { close(context.cgroup) }
        _ = ck_probe_cgroup(&context)
        _ = ProbeTests.egress(&context, CK_HOOK_CONNECT4)
        #expect(rmdir("\(cgroup.path)/server") == 0)
        #expect(mkdir("\(cgroup.path)/server", 0o755) == 0)
    }
}
