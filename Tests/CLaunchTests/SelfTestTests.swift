import CKernel
import CLaunch
import CLinux
import Glibc
import Testing

@Suite("the self-test", .enabled(if: isRoot, "needs root: another uid and cgroups"), .serialized)
struct SelfTestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let act: cl_act
        var address: [UInt8] = []
        var port: UInt32 = 0
        var fromIPv6 = false
        var path: String?
        let outcome: cl_outcome
    }

    static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d] }
    static let v6: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    static let permitted = v4(203, 0, 113, 10)
    static let forbidden = v4(198, 51, 100, 1)

    static let allCases = [
        Case(testDescription: "permitted IPv4", act: CL_ACT_TCP_CONNECT, address: permitted, port: 443, outcome: CL_OUTCOME_PERMITTED),
        Case(
            testDescription: "permitted, mapped", act: CL_ACT_TCP_CONNECT, address: permitted, port: 443, fromIPv6: true,
            outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "permitted IPv6", act: CL_ACT_TCP_CONNECT, address: v6, port: 443, outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "other address", act: CL_ACT_TCP_CONNECT, address: forbidden, port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "other port", act: CL_ACT_TCP_CONNECT, address: permitted, port: 444, outcome: CL_OUTCOME_DENIED),
        Case(
            testDescription: "other, mapped", act: CL_ACT_TCP_CONNECT, address: forbidden, port: 443, fromIPv6: true,
            outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "loopback", act: CL_ACT_TCP_CONNECT, address: v4(127, 0, 0, 1), port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "unspecified", act: CL_ACT_TCP_CONNECT, address: v4(0, 0, 0, 0), port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "Fast Open", act: CL_ACT_TCP_FASTOPEN, address: forbidden, port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "UDP", act: CL_ACT_UDP_SENDTO, address: permitted, port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "connected UDP", act: CL_ACT_UDP_CONNECT, address: permitted, port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "MPTCP", act: CL_ACT_MPTCP_CONNECT, address: permitted, port: 443, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "listen", act: CL_ACT_TCP_LISTEN, address: v4(127, 0, 0, 1), outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "unix socket", act: CL_ACT_UNIX_SOCKET, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "unix datagram pair", act: CL_ACT_UNIX_DATAGRAM_PAIR, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "unix stream pair", act: CL_ACT_UNIX_STREAM_PAIR, outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "netlink", act: CL_ACT_NETLINK_SOCKET, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "routing header", act: CL_ACT_ROUTING_HEADER, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "foreign ABI", act: CL_ACT_FOREIGN_ABI, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "read granted", act: CL_ACT_OPEN_READ, path: "/usr/bin/env", outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "list granted", act: CL_ACT_LIST, path: "/usr", outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "read other", act: CL_ACT_OPEN_READ, path: "/etc/passwd", outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "list other", act: CL_ACT_LIST, path: "/", outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "create", act: CL_ACT_CREATE, path: "/dev/shm", outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "metadata", act: CL_ACT_METADATA, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "execve", act: CL_ACT_EXECVE, path: "/usr/bin/env", outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "fork", act: CL_ACT_FORK, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "thread", act: CL_ACT_THREAD, outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "clone3", act: CL_ACT_CLONE3, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "user namespace", act: CL_ACT_UNSHARE_USER, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "io_uring", act: CL_ACT_IO_URING, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "ptrace", act: CL_ACT_PTRACE, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "signal", act: CL_ACT_SIGNAL, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "bpf", act: CL_ACT_BPF, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "new listener", act: CL_ACT_SECCOMP_LISTENER, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "high bits", act: CL_ACT_HIGH_BITS, outcome: CL_OUTCOME_DENIED),
    ]

    /// Those that this kernel can be asked: below ABI 6 nothing but the user keeps signals back.
    static let cases = allCases.filter { $0.act != CL_ACT_SIGNAL || ck_landlock_abi() >= 6 }

    private static let hasUserNamespaces: Bool = {
        var context = ck_probe_context(cgroup: -1, deadline_milliseconds: 5000, uid: 12345, gid: 12345)
        return ck_probe_user_namespaces(&context).finding == CK_WORKS
    }()

    private static func trials(_ cases: [Case]) throws -> Int32 {
        let list = try require(cl_trials_begin(), "cl_trials_begin")
        for testCase in cases {
            var trial = cl_trial()
            trial.act = testCase.act
            trial.port = testCase.port
            trial.from_ipv6 = testCase.fromIPv6 ? 1 : 0
            withUnsafeMutableBytes(of: &trial.address) { $0.copyBytes(from: testCase.address) }
            try require(cl_trials_add(list, &trial, testCase.path), "cl_trials_add")
        }
        try require(cl_trials_end(list), "cl_trials_end")
        return list
    }

    private static func ruleset() throws -> Int32 {
        let scoped = ck_landlock_abi() >= 6 ? CK_SCOPE_SIGNAL | CK_SCOPE_ABSTRACT_UNIX : 0
        let ruleset = try require(ck_landlock_create_ruleset((1 << 13) - 1, 0, scoped), "ck_landlock_create_ruleset")
        for path in ["/usr", "/lib", "/lib64"] {
            let directory = open(path, CLX_O_PATH | O_CLOEXEC)
            guard directory >= 0 else { continue }
            try require(ck_landlock_add_path(ruleset, directory, CK_FS_READ_FILE | CK_FS_READ_DIR | CK_FS_EXECUTE), path)
            close(directory)
        }
        return ruleset
    }

    private static func run(_ cases: [Case], _ launch: TestLaunch, _ session: Session) throws -> [cl_trial_result] {
        let specification = try launch.specification()
        let list = try trials(cases)
        defer {
            close(specification)
            close(list)
        }
        try session.harness.send(CL_ORDER_SELF_TEST, descriptors: [list] + launch.message(specification, withStdio: false))
        return try cases.map { _ in try session.harness.expect(CL_REPORT_TRIAL).trial }
    }

    @Test("a confined subject is refused what is forbidden, granted what is permitted, and unconfined all of it goes through")
    func judges() throws {
        let session = try Session()
        try session.startGate()
        let egress = try TestEgress(cgroup: session.harness.cgroup.directory("server"), permitted: [(Self.permitted, 443), (Self.v6, 443)])
        var launch = try session.server(path: "/usr/bin/env", arguments: ["env"])
        launch.seccomp = try TestFilter.server()
        launch.ruleset = try Self.ruleset()
        let results = try Self.run(Self.cases, launch, session)
        for (testCase, result) in zip(Self.cases, results) {
            #expect(result.outcome == testCase.outcome, "\(testCase.testDescription): error \(result.error) signal \(result.signal)")
            let untestable =
                [CL_ACT_EXECVE, CL_ACT_BPF].contains(testCase.act) || (testCase.act == CL_ACT_UNSHARE_USER && !Self.hasUserNamespaces)
            #expect(result.outcome != CL_OUTCOME_DENIED || result.control == 1 || untestable, "\(testCase.testDescription) has no control")
        }
        #expect(try session.harness.expect(CL_REPORT_TRIALS_DONE).trial.index == UInt32(Self.cases.count))
        // The server can be launched after it, in the same leaf.
        try session.harness.launch(CL_ROLE_SERVER, launch)
        #expect(try session.harness.expect(CL_REPORT_ENDED).ending.server.status == 0)
        withExtendedLifetime(egress) {}
    }

    static let networkCases = [
        Case(testDescription: "datagram", act: CL_ACT_UDP_SENDTO, address: permitted, port: 53, outcome: CL_OUTCOME_PERMITTED),
        Case(
            testDescription: "datagram, mapped", act: CL_ACT_UDP_SENDTO, address: permitted, port: 53, fromIPv6: true,
            outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "datagram, connected", act: CL_ACT_UDP_CONNECT, address: v6, port: 53, outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "datagram, other port", act: CL_ACT_UDP_SENDTO, address: permitted, port: 54, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "datagram, other address", act: CL_ACT_UDP_SENDTO, address: forbidden, port: 53, outcome: CL_OUTCOME_DENIED),
        Case(
            testDescription: "connected, other address", act: CL_ACT_UDP_CONNECT, address: forbidden, port: 53, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "connection there", act: CL_ACT_TCP_CONNECT, address: permitted, port: 53, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "accept", act: CL_ACT_TCP_ACCEPT, address: v4(127, 0, 0, 1), port: 8080, outcome: CL_OUTCOME_PERMITTED),
        Case(testDescription: "accept again", act: CL_ACT_TCP_ACCEPT, address: v4(127, 0, 0, 1), port: 8080, outcome: CL_OUTCOME_PERMITTED),
        Case(
            testDescription: "accept, other port", act: CL_ACT_TCP_ACCEPT, address: v4(127, 0, 0, 1), port: 8081, outcome: CL_OUTCOME_DENIED
        ),
        Case(testDescription: "accept, other address", act: CL_ACT_TCP_ACCEPT, address: forbidden, port: 8080, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "accept everywhere", act: CL_ACT_TCP_ACCEPT, address: v4(0, 0, 0, 0), port: 8080, outcome: CL_OUTCOME_DENIED),
        Case(testDescription: "listen without bind", act: CL_ACT_TCP_LISTEN, address: v4(127, 0, 0, 1), outcome: CL_OUTCOME_DENIED),
    ]

    @Test("datagrams and listeners are judged by what arrives, on both sides of each boundary", arguments: [true, false])
    func judgesNetwork(isConfined: Bool) throws {
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/usr/bin/env", arguments: ["env"])
        launch.seccomp = try TestFilter.server(permitsDatagrams: true, permitsListening: true)
        let keys =
            [Self.permitted, Self.v6].map { TestEgress.key($0, 53, protocol: 17) }
            + [TestEgress.key(Self.v4(127, 0, 0, 1), 8080, wildcard: UInt8(EGRESS_OWN))]
        let egress =
            isConfined
            ? try TestEgress(
                cgroup: session.harness.cgroup.directory("server"), keys: keys, mode: UInt8(EGRESS_NONE), udp: UInt8(EGRESS_LIST),
                listen: UInt8(EGRESS_LIST)) : nil
        let results = try Self.run(Self.networkCases, launch, session)
        for (testCase, result) in zip(Self.networkCases, results) {
            let expected = isConfined ? testCase.outcome : CL_OUTCOME_PERMITTED
            #expect(result.outcome == expected, "\(testCase.testDescription): error \(result.error) signal \(result.signal)")
            #expect(result.outcome != CL_OUTCOME_DENIED || result.control == 1, "\(testCase.testDescription) has no control")
        }
        try session.harness.expect(CL_REPORT_TRIALS_DONE)
        withExtendedLifetime(egress) {}
    }

    @Test("an unconfined subject is permitted all of it: the trials do not fail of themselves")
    func unconfined() throws {
        let session = try Session()
        try session.startGate()
        var launch = TestLaunch(path: "/usr/bin/env", arguments: ["env"], descriptors: [])
        launch.flags |= UInt32(CL_ONLY_PIPES)
        let cases = Self.cases.filter { $0.act != CL_ACT_BPF && ($0.act != CL_ACT_UNSHARE_USER || Self.hasUserNamespaces) }
        let results = try Self.run(cases, launch, session)
        for (testCase, result) in zip(cases, results) {
            #expect(result.outcome == CL_OUTCOME_PERMITTED, "\(testCase.testDescription): error \(result.error) signal \(result.signal)")
        }
        try session.harness.expect(CL_REPORT_TRIALS_DONE)
    }

    @Test("a step of the subject that fails is reported, and ends the session")
    func failingStep() throws {
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/usr/bin/env", arguments: ["env"])
        launch.limits = [cl_limit(resource: 99, reserved: 0, soft: 0, hard: 0)]
        let specification = try launch.specification()
        let list = try Self.trials(Array(Self.cases.prefix(1)))
        try session.harness.send(CL_ORDER_SELF_TEST, descriptors: [list] + launch.message(specification, withStdio: false))
        let failed = try session.harness.expect(CL_REPORT_FAILED)
        #expect(failed.role == CL_ROLE_SELF_TEST)
        #expect(failed.step == CL_STEP_LIMITS)
        #expect(failed.error == EINVAL)
        #expect(try session.harness.expect(CL_REPORT_ENDED).ending.first == CL_ROLE_SELF_TEST)
    }

    @Test("behind a door, the subject reaches whoever has it and nothing else; without one, nobody", arguments: [true, false])
    func door(isThere: Bool) throws {
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/usr/bin/env", arguments: ["env"])
        launch.flags |= UInt32(CL_EMPTY_NETWORK | CL_WAIT_ARMED) | (isThere ? UInt32(CL_HAS_DOOR) : 0)
        launch.doorPort = isThere ? 3128 : 0
        let reached = isThere ? CL_OUTCOME_PERMITTED : CL_OUTCOME_DENIED
        let cases = [
            Case(testDescription: "door", act: CL_ACT_TCP_CONNECT, address: Self.v4(127, 0, 0, 1), port: 3128, outcome: reached),
            Case(
                testDescription: "door, mapped", act: CL_ACT_TCP_CONNECT, address: Self.v4(127, 0, 0, 1), port: 3128, fromIPv6: true,
                outcome: reached),
            Case(testDescription: "port", act: CL_ACT_TCP_CONNECT, address: Self.v4(127, 0, 0, 1), port: 3129, outcome: CL_OUTCOME_DENIED),
            Case(
                testDescription: "address", act: CL_ACT_TCP_CONNECT, address: Self.v4(127, 0, 0, 3), port: 3128, outcome: CL_OUTCOME_DENIED),
            Case(testDescription: "elsewhere", act: CL_ACT_TCP_CONNECT, address: Self.permitted, port: 443, outcome: CL_OUTCOME_DENIED),
            Case(testDescription: "by IPv6", act: CL_ACT_TCP_CONNECT, address: Self.v6, port: 443, outcome: CL_OUTCOME_DENIED),
        ]
        let results = try Self.run(cases, launch, session)
        for (testCase, result) in zip(cases, results) {
            #expect(result.outcome == testCase.outcome, "\(testCase.testDescription): error \(result.error)")
            #expect(result.outcome != CL_OUTCOME_DENIED || result.control == 1, "\(testCase.testDescription) has no control")
        }
    }

    /// From Linux 6.19 on who has been waited for may be seen there a moment longer.
    @Test("what is left in the server's cgroup is given a moment to be gone, and fails the launch when it stays", arguments: [true, false])
    func leftInTheCgroup(stays: Bool) throws {
        let session = try Session()
        try session.startGate()
        let launch = try session.server(path: "/usr/bin/env", arguments: ["env"])
        let left = try Self.sleeper(in: session.harness.cgroup.path + "/server")
        var status: Int32 = 0
        defer { if stays { waitpid(left, &status, 0) } }
        _ = try Self.run([Self.cases[0]], launch, session)
        guard stays else {
            kill(left, SIGKILL)
            waitpid(left, &status, 0)
            try session.harness.expect(CL_REPORT_TRIALS_DONE)
            return
        }
        let failed = try session.harness.expect(CL_REPORT_FAILED)
        #expect(failed.role == CL_ROLE_SELF_TEST && failed.step == CL_STEP_TRIALS && failed.error == EBUSY)
        kill(left, SIGKILL)
    }

    private static func sleeper(in cgroup: String) throws -> pid_t {
        var process: pid_t = 0
        var arguments = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        try require(-posix_spawn(&process, "/bin/sleep", nil, nil, &arguments, nil), "posix_spawn")
        let members = open(cgroup + "/cgroup.procs", O_WRONLY | O_CLOEXEC)
        defer { close(members) }
        let text = String(process)
        try require(write(members, text, text.utf8.count) > 0 ? 0 : -errno, "cgroup.procs")
        return process
    }
}
