import CEscapes
import CKernel
import CLaunch
import CLinux
import Glibc

/// A launch as a test describes it.
struct TestLaunch {
    var path: String
    var arguments: [String]
    var environment = ["PATH=/usr/bin:/bin"]
    var flags: UInt32 = UInt32(CL_CHANGE_IDENTITY | CL_DROP_BOUNDING | CL_WAIT_ARMED)
    var uid: UInt32 = 12345
    var gid: UInt32 = 12345
    var groups: [UInt32] = []
    var limits: [cl_limit] = []
    var directory: Int32?
    var ruleset: Int32?
    var seccomp: Int32?
    var controllers: [Int32] = []
    var mounts: Int32?
    var mapping: Int32?
    var descriptors: [Int32]
    var umask: UInt32 = 0o77
    var doorPort: UInt32 = 0

    /// Only pipes, execute once: as a server is launched.
    mutating func becomeServer(seccomp: Int32) {
        flags |= UInt32(CL_ONLY_PIPES | CL_EXEC_ONCE | CL_HAS_SECCOMP)
        self.seccomp = seccomp
    }

    func specification() throws -> Int32 {
        var all = flags
        if directory != nil { all |= UInt32(CL_HAS_DIRECTORY) }
        if ruleset != nil { all |= UInt32(CL_HAS_RULESET) }
        if !controllers.isEmpty { all |= UInt32(CL_HAS_CONTROLLERS) }
        if mounts != nil { all |= UInt32(CL_HAS_MOUNTS) }
        if mapping != nil { all |= UInt32(CL_HAS_MAPPING) }
        var fixed = cl_specification(
            flags: all, uid: uid, gid: gid, umask: umask, landlock_flags: 0, descriptor_count: UInt32(max(3, descriptors.count)),
            controller_count: UInt32(controllers.count), door_port: doorPort)
        let argumentBytes = blob(arguments)
        let environmentBytes = blob(environment)
        return try require(
            cl_specification_write(
                &fixed, path, argumentBytes, argumentBytes.count, environmentBytes, environmentBytes.count, groups, UInt32(groups.count),
                limits,
                UInt32(limits.count)), "cl_specification_write")
    }

    /// The descriptors of a message, the specification first.
    func message(_ specification: Int32, withStdio: Bool = true) -> [Int32] {
        [specification] + [directory, ruleset, seccomp, mounts, mapping].compactMap { $0 } + controllers + (withStdio ? descriptors : [])
    }
}

/// A pipe whose ends close with it.
final class TestPipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1

    init() {
        var ends: [Int32] = [-1, -1]
        _ = clx_pipe(&ends, 0)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() {
        if reading >= 0 { close(reading) }
        reading = -1
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    /// Everything until all writers have closed.
    func drain() -> String {
        closeWriting()
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reading, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}

/// A keeper of its own for one test, and the daemon's side of the talk.
final class KeeperHarness {
    let cgroup: ScratchCgroup
    var control: Int32
    let lifeline: Int32
    let socketPath: String
    var keeper = ck_spawned()
    var record: Int32

    init(keeperUID: UInt32 = 12346, flushMilliseconds: UInt32 = 300, asFirstProcess: Bool = false) throws {
        cgroup = try ScratchCgroup()
        let controls = try KeeperHarness.pair()
        let lifelines = try KeeperHarness.pair()
        control = controls.ours
        lifeline = lifelines.ours
        record = try require(clx_memfd_create("record"), "memfd_create")
        socketPath = "/tmp/sandboxd-test-\(getpid())-\(control)-\(clx_monotonic_nanoseconds())"
        let listener = try require(clx_unix_socket(CLX_SEQPACKET, 0), "socket")
        try require(clx_unix_bind(listener, socketPath), "bind")
        try require(clx_listen(listener, 4), "listen")
        if asFirstProcess { try require(ce_children_in_new_pid_namespace(1), "unshare") }
        let started = Result { try startKeeper(control: controls.theirs) }
        if asFirstProcess { try require(ce_children_in_new_pid_namespace(0), "setns") }
        try started.get()
        var order = cl_order()
        order.uid = keeperUID
        order.gid = keeperUID
        order.flush_milliseconds = flushMilliseconds
        order.without_cgroups = asFirstProcess ? 1 : 0
        let cgroups = [cgroup.directory("gate"), cgroup.directory("server"), cgroup.killFile("gate"), cgroup.killFile("server")]
        let passed = (asFirstProcess ? [] : cgroups) + [lifelines.theirs, listener, record]
        try send(CL_ORDER_SESSION, descriptors: passed, order: order)
        for descriptor in cgroups + [lifelines.theirs, listener] { close(descriptor) }
        close(controls.theirs)
    }

    deinit {
        close(control)
        close(lifeline)
        close(record)
        _ = clx_pidfd_send_signal(keeper.pidfd, SIGKILL)
        var ended = clx_exit()
        _ = clx_wait_pidfd(keeper.pidfd, 1, &ended)
        close(keeper.pidfd)
        unlink(socketPath)
    }

    private static func pair() throws -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        try require(clx_unix_pair(CLX_SEQPACKET, 0, &ends), "socketpair")
        return (ends[0], ends[1])
    }

    /// The programs lie beside the test bundle, or where scripts/test says.
    private static var keeperPath: String {
        if let directory = getenv("SANDBOXD_BIN") { return String(cString: directory) + "/sandbox-keeper" }
        var characters = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &characters, characters.count))
        let program = String(decoding: characters[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return program.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/sandbox-keeper"
    }

    private func startKeeper(control: Int32) throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var fixed = cl_specification()
        fixed.flags = UInt32(CL_KEEP_PRIVILEGE)
        fixed.umask = 0o77
        let leaf = cgroup.directory("keeper")
        defer { close(leaf) }
        let arguments = blob(["sandbox-keeper"])
        try require(
            ck_spawn(
                &fixed, leaf, -1, KeeperHarness.keeperPath, arguments, arguments.count, nil, 0, nil, 0, [null, null, null, control], 4,
                &keeper),
            "ck_spawn of the keeper at step \(keeper.failed.rawValue)")
    }

    func send(_ kind: cl_order_kind, role: cl_role = CL_ROLE_NONE, descriptors: [Int32] = [], order: cl_order = cl_order()) throws {
        var order = order
        order.version = UInt32(CL_VERSION)
        order.kind = kind
        order.role = role
        try require(cl_send_order(control, &order, descriptors, Int32(descriptors.count)), "cl_send_order")
    }

    /// The next report; throws when none comes in time, or the keeper has closed.
    func next(timeout: Int32 = 10_000) throws -> (report: cl_report, descriptors: [Int32]) {
        var waited = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, timeout) == 1 else { throw Unmet(description: "no report in time") }
        var report = cl_report()
        var descriptors = [Int32](repeating: -1, count: 8)
        var count: Int32 = 0
        let result = cl_receive_report(control, &report, &descriptors, 8, &count)
        guard result == 1 else { throw Unmet(description: "cl_receive_report: \(result)") }
        return (report, Array(descriptors[..<Int(count)]))
    }

    /// The next report, which must be of this kind.
    @discardableResult
    func expect(_ kind: cl_report_kind) throws -> cl_report {
        let (report, descriptors) = try next()
        for descriptor in descriptors { close(descriptor) }
        guard report.kind == kind else {
            throw Unmet(
                description: "report \(report.kind.rawValue), not \(kind.rawValue): step \(report.step.rawValue) error \(report.error)")
        }
        return report
    }

    /// Launches and releases; returns the pid.
    @discardableResult
    func launch(_ role: cl_role, _ launch: TestLaunch) throws -> Int32 {
        let specification = try launch.specification()
        defer { close(specification) }
        try send(CL_ORDER_LAUNCH, role: role, descriptors: launch.message(specification))
        if launch.flags & UInt32(CL_WAIT_ARMED) != 0 {
            try expect(CL_REPORT_ARMED)
            try send(CL_ORDER_GO, role: role)
        }
        return try expect(CL_REPORT_RUNNING).pid
    }

    /// Launches, and returns how the launch failed.
    func failure(_ role: cl_role, _ launch: TestLaunch) throws -> (step: cl_step, error: Int32) {
        let specification = try launch.specification()
        defer { close(specification) }
        try send(CL_ORDER_LAUNCH, role: role, descriptors: launch.message(specification))
        var (report, descriptors) = try next()
        descriptors.forEach { close($0) }
        if report.kind == CL_REPORT_ARMED {
            try send(CL_ORDER_GO, role: role)
            (report, descriptors) = try next()
        }
        guard report.kind == CL_REPORT_FAILED else { throw Unmet(description: "report \(report.kind.rawValue), not a failure") }
        return (report.step, report.error)
    }

    /// A new daemon: connects to the listening socket.
    func adopt() throws -> Int32 {
        let socket = try require(clx_unix_socket(CLX_SEQPACKET, 0), "socket")
        try require(clx_unix_connect(socket, socketPath), "connect")
        return socket
    }

    /// What the keeper wrote into the record.
    var recorded: cl_ending? {
        var ending = cl_ending()
        let count = pread(record, &ending, MemoryLayout<cl_ending>.size, 0)
        return count == MemoryLayout<cl_ending>.size ? ending : nil
    }

    /// What the keeper says on the lifeline.
    func lifelineEnding() throws -> cl_ending {
        var ending = cl_ending()
        let count = recv(lifeline, &ending, MemoryLayout<cl_ending>.size, 0)
        guard count == MemoryLayout<cl_ending>.size else { throw Unmet(description: "lifeline: \(count)") }
        return ending
    }
}
