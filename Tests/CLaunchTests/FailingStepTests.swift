import CKernel
import CLaunch
import CLinux
import Glibc
import Testing

@Suite("failing steps", .enabled(if: isRoot, "needs root: another uid and cgroups"), .serialized)
struct FailingStepTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let step: cl_step
        let error: Int32
        /// Breaks a launch that would succeed; opens what it needs.
        let breaks: @Sendable (inout TestLaunch) throws -> Void
    }

    static func open(_ path: String, _ flags: Int32 = O_RDONLY) -> Int32 { Glibc.open(path, flags | O_CLOEXEC) }

    static func memory(_ bytes: [UInt8], sealed: Bool = true) throws -> Int32 {
        if sealed { return try require(clx_memfd_sealed("test", bytes, bytes.count), "memfd") }
        let memory = try require(clx_memfd_create("test"), "memfd")
        _ = write(memory, bytes, bytes.count)
        return memory
    }

    static func filter(_ names: [String], notifying: Bool) throws -> Int32 {
        let filter = try TestFilter.Builder()
        if notifying { try filter.addLaunchOnce() }
        for name in names { try filter.deny(name, EPERM) }
        return try filter.exported()
    }

    static let cases = [
        Case(testDescription: "seccomp program not sealed", step: CL_STEP_READ_SECCOMP, error: EINVAL) {
            $0.seccomp = try memory([UInt8](repeating: 0, count: 8), sealed: false)
        },
        Case(testDescription: "seccomp program not of whole instructions", step: CL_STEP_READ_SECCOMP, error: EINVAL) {
            $0.seccomp = try memory([UInt8](repeating: 0, count: 9))
        },
        Case(testDescription: "a terminal-like device as stdin", step: CL_STEP_VERIFY_PIPES, error: EBADFD) {
            $0.descriptors[0] = open("/dev/null")
        },
        Case(testDescription: "a directory as stderr", step: CL_STEP_VERIFY_PIPES, error: EBADFD) { $0.descriptors[2] = open("/") },
        Case(testDescription: "a socket as stdout", step: CL_STEP_VERIFY_PIPES, error: EBADFD) {
            $0.descriptors[1] = clx_unix_socket(CLX_STREAM, 0)
        },
        Case(testDescription: "the wrong end of a pipe", step: CL_STEP_VERIFY_PIPES, error: EBADFD) { $0.descriptors.swapAt(0, 1) },
        Case(testDescription: "a file as working directory", step: CL_STEP_CHANGE_DIRECTORY, error: ENOTDIR) {
            $0.directory = open("/etc/passwd")
        },
        Case(testDescription: "a cgroup.procs that may not be written", step: CL_STEP_ENTER_CONTROLLERS, error: EBADF) {
            $0.controllers = [open("/etc/passwd")]
        },
        Case(testDescription: "an unknown limit", step: CL_STEP_LIMITS, error: EINVAL) {
            $0.limits = [cl_limit(resource: 99, reserved: 0, soft: 0, hard: 0)]
        },
        Case(testDescription: "uid -1, which setresuid takes for `leave it`", step: CL_STEP_VERIFY_IDENTITY, error: EPERM) {
            $0.uid = .max
        },
        Case(testDescription: "gid -1", step: CL_STEP_VERIFY_IDENTITY, error: EPERM) { $0.gid = .max },
        Case(testDescription: "no identity at all, as root", step: CL_STEP_VERIFY_IDENTITY, error: EPERM) {
            $0.flags &= ~UInt32(CL_CHANGE_IDENTITY)
            ($0.uid, $0.gid) = (0, 0)
        },
        Case(testDescription: "something else than a ruleset", step: CL_STEP_LANDLOCK, error: EBADFD) { $0.ruleset = open("/") },
        Case(testDescription: "a seccomp program that is none", step: CL_STEP_SECCOMP, error: EINVAL) {
            $0.seccomp = try memory([UInt8](repeating: 0xff, count: 16))
        },
        Case(testDescription: "a program that forbids handing over the listener", step: CL_STEP_SEND_LISTENER, error: EPERM) {
            $0.seccomp = try filter(["sendmsg"], notifying: true)
        },
        Case(testDescription: "a program that does not notify", step: CL_STEP_NOTIFICATION, error: ECHILD) {
            $0.seccomp = try filter([], notifying: false)
        },
        Case(testDescription: "no such program", step: CL_STEP_EXECVE, error: ENOENT) { $0.path = "/nonexistent" },
        Case(testDescription: "not executable", step: CL_STEP_EXECVE, error: EACCES) { $0.path = "/etc/passwd" },
        Case(testDescription: "a program outside the ruleset", step: CL_STEP_EXECVE, error: EACCES) {
            $0.ruleset = ck_landlock_create_ruleset(UInt64(CK_FS_EXECUTE), 0, 0)
        },
    ]

    @Test("each is reported with its step and errno, and the session ends with nothing left", arguments: cases)
    func isReported(_ testCase: Case) throws {
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/bin/true", arguments: ["true"])
        try testCase.breaks(&launch)
        let failure = try session.harness.failure(CL_ROLE_SERVER, launch)
        #expect(failure.step == testCase.step, "step \(failure.step.rawValue)")
        #expect(failure.error == testCase.error, "\(String(cString: strerror(failure.error)))")
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_SERVER)
        #expect(ending.step == testCase.step)
        #expect(ending.server.started == 0)
        #expect(ending.gate.started == 1)
        #expect(try session.harness.lifelineEnding().step == testCase.step)
    }

    @Test("a specification that can still be changed is not read")
    func unsealed() throws {
        let session = try Session()
        let memory = try Self.memory([UInt8](repeating: 0, count: 4096), sealed: false)
        try session.harness.send(CL_ORDER_LAUNCH, role: CL_ROLE_GATE, descriptors: [memory, memory, memory, memory])
        let failed = try session.harness.expect(CL_REPORT_FAILED)
        #expect(failed.step == CL_STEP_READ_SPECIFICATION)
    }

    @Test("a malformed specification is not read, whichever byte of its head is wrong")
    func malformed() throws {
        let launch = TestLaunch(path: "/bin/true", arguments: ["true"], descriptors: [0, 1, 2])
        let good = try launch.specification()
        defer { close(good) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = pread(good, &bytes, bytes.count, 0)
        for offset in 0..<32 {
            var changed = Array(bytes[..<count])
            changed[offset] ^= 0x40
            let memory = try Self.memory(changed)
            defer { close(memory) }
            var pid: Int32 = 0
            var step = CL_STEP_NONE
            let result = cl_start(CL_ROLE_NONE, -1, [memory, 0, 1, 2], 4, &pid, &step)
            #expect(result < 0, "byte \(offset)")
            #expect(step == CL_STEP_READ_SPECIFICATION, "byte \(offset)")
        }
    }

    @Test("what cannot be a launch is not written")
    func notWritten() {
        var fixed = cl_specification(
            flags: 0, uid: 1, gid: 1, umask: 0, landlock_flags: 0, descriptor_count: 3, controller_count: 0, door_port: 0)
        func write(_ fixed: inout cl_specification, arguments: [UInt8] = [65, 0], groups: UInt32 = 0) -> Int32 {
            cl_specification_write(
                &fixed, "/bin/true", arguments, arguments.count, nil, 0, [UInt32](repeating: 1, count: 300), groups, nil, 0)
        }
        #expect(write(&fixed, arguments: [65]) == -EINVAL)
        #expect(write(&fixed, groups: 257) == -E2BIG)
        fixed.descriptor_count = 2
        #expect(write(&fixed) == -EINVAL)
        fixed.descriptor_count = 33
        #expect(write(&fixed) == -EINVAL)
        fixed.descriptor_count = 3
        fixed.flags = 0x8000_0000
        #expect(write(&fixed) == -EINVAL)
        fixed.flags = UInt32(CL_HAS_CONTROLLERS)
        #expect(write(&fixed) == -EINVAL)
        fixed.controller_count = 5
        #expect(write(&fixed) == -EINVAL)
        (fixed.flags, fixed.controller_count) = (0, 1)
        #expect(write(&fixed) == -EINVAL)
        fixed.controller_count = 0
        fixed.flags = UInt32(CL_CHANGE_IDENTITY)
        fixed.uid = 0
        #expect(write(&fixed) == -EPERM)
        fixed.uid = 1
        fixed.flags = UInt32(CL_CHANGE_IDENTITY | CL_KEEP_PRIVILEGE)
        #expect(write(&fixed) == -EPERM)
        fixed.flags = UInt32(CL_EXEC_ONCE)
        #expect(write(&fixed) == -EINVAL)
        // There is one listener for a process.
        fixed.flags = UInt32(CL_OBSERVED | CL_EXEC_ONCE | CL_HAS_SECCOMP)
        #expect(write(&fixed) == -EINVAL)
        fixed.flags = UInt32(CL_OBSERVED | CL_KEEP_PRIVILEGE)
        #expect(write(&fixed) == -EINVAL)
        // A door has a port, and somewhere to lead from.
        for (flags, port) in [
            (CL_HAS_DOOR | CL_EMPTY_NETWORK, 3128), (CL_HAS_DOOR | CL_WAIT_ARMED, 3128),
            (CL_HAS_DOOR | CL_EMPTY_NETWORK | CL_WAIT_ARMED, 0),
            (CL_HAS_DOOR | CL_EMPTY_NETWORK | CL_WAIT_ARMED, 65_536), (CL_EMPTY_NETWORK | CL_WAIT_ARMED, 3128),
        ] {
            (fixed.flags, fixed.door_port) = (UInt32(flags), UInt32(port))
            #expect(write(&fixed) == -EINVAL, "\(flags) \(port)")
        }
        (fixed.flags, fixed.door_port) = (UInt32(CL_HAS_DOOR | CL_EMPTY_NETWORK | CL_WAIT_ARMED), 3128)
        #expect(write(&fixed) >= 0)
    }

    @Test("a program started by the daemon itself is reported likewise")
    func startsDirectly() throws {
        let pipes = [TestPipe(), TestPipe(), TestPipe()]
        let null = Self.open("/dev/null", O_RDWR)
        defer { close(null) }
        var fixed = cl_specification(
            flags: UInt32(CL_CHANGE_IDENTITY | CL_DROP_BOUNDING), uid: 12345, gid: 12345, umask: 0o77, landlock_flags: 0,
            descriptor_count: 0, controller_count: 0, door_port: 0)
        var spawned = ck_spawned()
        let arguments = blob(["python3", "-c", "import os; os.write(1, b'%d' % os.getuid())"])
        func spawn(_ path: String, cgroup: Int32 = -1, descriptors: [Int32]) -> Int32 {
            ck_spawn(&fixed, cgroup, -1, path, arguments, arguments.count, nil, 0, nil, 0, descriptors, Int32(descriptors.count), &spawned)
        }
        #expect(spawn("/usr/bin/python3", descriptors: [null, pipes[0].writing, null]) == 0)
        #expect(pipes[0].drain() == "12345")
        var ended = clx_exit()
        #expect(clx_wait_pidfd(spawned.pidfd, 1, &ended) == 0)
        close(spawned.pidfd)
        #expect(spawn("/nonexistent", descriptors: [null, null, null]) == -ENOENT)
        #expect(spawned.failed == CL_STEP_EXECVE)
        #expect(spawn("/bin/true", descriptors: [null, 9999, null]) == -EBADF)
        #expect(spawned.failed == CL_STEP_PLACE_DESCRIPTORS)
        #expect(spawn("/bin/true", cgroup: null, descriptors: [null, null, null]) < 0)
        #expect(spawned.failed == CL_STEP_CLONE)
    }
}
