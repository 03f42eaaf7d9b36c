import CKernel
import CLaunch
import CLinux
import Glibc
import Testing

@Suite("launches through the keeper", .enabled(if: isRoot, "needs root: another uid and cgroups"), .serialized)
struct LaunchTests {
    static let programs: [(path: String, arguments: [String], status: Int32)] = [
        ("/bin/true", ["true"], 0),
        ("/bin/false", ["false"], 1),
        ("/usr/bin/python3", ["python3", "-c", "import sys; sys.exit(37)"], 37),
    ]

    @Test("a program is executed once as another user, and its exit status is exact", arguments: programs)
    func executesOnce(_ program: (path: String, arguments: [String], status: Int32)) throws {
        let session = try Session()
        try session.startGate()
        try session.startServer(path: program.path, arguments: program.arguments)
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_SERVER)
        #expect(ending.server.started == 1)
        #expect(ending.server.code == CLX_EXITED)
        #expect(ending.server.status == program.status)
        #expect(try session.harness.lifelineEnding().server.status == program.status)
        #expect(session.harness.recorded?.server.status == program.status)
    }

    @Test("a script is executed by way of its interpreter, and what it executes itself is refused")
    func executesScript() throws {
        let path = "/tmp/sandboxd-test-script-\(getpid())-\(clx_monotonic_nanoseconds())"
        let text = Array("#!/bin/sh\n/bin/true || echo refused\necho done\n".utf8)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
        _ = write(file, text, text.count)
        fchmod(file, 0o755)
        close(file)
        defer { unlink(path) }
        let session = try Session()
        try session.startGate()
        try session.startServer(path: path, arguments: ["script"])
        let output = session.output.drain()
        #expect(output == "refused\ndone\n")
        #expect(try session.harness.expect(CL_REPORT_ENDED).ending.server.status == 0)
    }

    @Test("a program that dies of a signal is reported with that signal")
    func reportsSignals() throws {
        let session = try Session()
        try session.startGate()
        try session.startServer(path: "/usr/bin/python3", arguments: ["python3", "-c", "import os; os.kill(os.getpid(), 15)"])
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.server.code == CLX_KILLED)
        #expect(ending.server.status == SIGTERM)
    }

    @Test("the server has no privilege, three pipes and nothing else")
    func seesNothing() throws {
        let session = try Session()
        try session.startGate()
        let program = """
            import os
            status = dict(l.split(':', 1) for l in open('/proc/self/status').read().splitlines())
            for key in ('Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'SigBlk', 'SigIgn', 'Umask'):
                print(key, ' '.join(status[key].split()))
            print('fds', sorted(int(f) for f in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + f)))
            print('sid', os.getsid(0) == os.getpid())
            print('cgroup', open('/proc/self/cgroup').read().strip().splitlines()[-1].endswith('/server'))
            print('env', open('/proc/self/environ').read().split(chr(0)))
            """
        try session.startServer(path: "/usr/bin/python3", arguments: ["python3", "-IS", "-c", program], groups: [777, 778])
        let zero = "0000000000000000"
        let lines = session.output.drain().split(separator: "\n").map(String.init)
        let expected = [
            "Uid 12345 12345 12345 12345", "Gid 12345 12345 12345 12345", "Groups 777 778", "CapInh \(zero)", "CapPrm \(zero)",
            "CapEff \(zero)",
            "CapBnd \(zero)", "CapAmb \(zero)", "NoNewPrivs 1", "Seccomp 2", "SigBlk \(zero)", "SigIgn 0000000001001000", "Umask 0077",
            "fds [0, 1, 2]", "sid True", "cgroup True", "env ['PATH=/usr/bin:/bin', '']",
        ]
        // Python ignores SIGPIPE and SIGXFSZ of its own accord.
        #expect(lines == expected)
    }

    @Test("while it is armed, the child can be inspected, and is not yet what it will be")
    func waitsArmed() throws {
        let session = try Session()
        try session.startGate()
        let launch = try session.server(path: "/bin/true", arguments: ["true"])
        let specification = try launch.specification()
        try session.harness.send(CL_ORDER_LAUNCH, role: CL_ROLE_SERVER, descriptors: launch.message(specification))
        close(specification)
        let armed = try session.harness.expect(CL_REPORT_ARMED)
        let status = readFile("/proc/\(armed.pid)/status")
        #expect(status.contains("Uid:\t12345\t12345\t12345\t12345"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("CapPrm:\t0000000000000000"))
        #expect(status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("Seccomp:\t0"))
        #expect(readFile("/proc/\(armed.pid)/cgroup").contains("/server\n"))
        try session.harness.send(CL_ORDER_GO, role: CL_ROLE_SERVER)
        try session.harness.expect(CL_REPORT_RUNNING)
    }

    @Test(
        "every ending kills all of it, and says who ended first",
        arguments: [CL_ROLE_GATE, CL_ROLE_SERVER, CL_ROLE_LIFELINE, CL_ROLE_DAEMON])
    func endsWhole(_ first: cl_role) throws {
        let session = try Session()
        let gate = try session.startGate()
        // A server with a grandchild in a session of its own.
        let program =
            "import os,time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(1000)\n  os._exit(0)\nprint('up', flush=True)\ntime.sleep(1000)"
        let server = try session.startServer(path: "/usr/bin/python3", arguments: ["python3", "-c", program], once: true)
        var byte = [UInt8](repeating: 0, count: 3)
        _ = read(session.output.reading, &byte, 3)
        try session.harness.send(CL_ORDER_SEAL)
        try session.harness.expect(CL_REPORT_SEALED)
        switch first {
        case CL_ROLE_GATE: kill(gate, SIGKILL)
        case CL_ROLE_SERVER: kill(server, SIGKILL)
        case CL_ROLE_LIFELINE: shutdown(session.harness.lifeline, Int32(SHUT_RDWR))
        default: try session.harness.send(CL_ORDER_END)
        }
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == first)
        #expect(ending.server.code == CLX_KILLED)
        #expect(ending.server.status == SIGKILL)
        #expect(ending.gate.code != 0)
        var ended = clx_exit()
        #expect(clx_wait_pidfd(session.harness.keeper.pidfd, 1, &ended) == 0)
        #expect(ended.status == 0)
        let leaf = session.harness.cgroup.directory("server")
        defer { close(leaf) }
        var turns = 0
        while ck_cgroup_is_populated(leaf) == 1, turns < 5000 {
            turns += 1
            usleep(1000)
        }
        #expect(ck_cgroup_is_populated(leaf) == 0)
    }

    @Test("a gate that is still answering is given its moment after the server has ended")
    func letsGateFlush() throws {
        let session = try Session(flushMilliseconds: 5000)
        // The gate answers for a while, so that the keeper sees the server's end first however late it looks.
        let program = "import sys, time\nsys.stdin.read()\ntime.sleep(1)\nprint('flushed', flush=True)\nsys.exit(3)"
        try session.startGate(path: "/usr/bin/python3", arguments: ["python3", "-c", program])
        try session.startServer(path: "/bin/true", arguments: ["true"])
        session.gateInput.closeWriting()
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_SERVER)
        #expect(ending.gate.code == CLX_EXITED)
        #expect(ending.gate.status == 3)
        #expect(session.gateOutput.drain() == "flushed\n")
    }

    @Test("the keeper outlives the daemon, has no privilege, and the next daemon adopts the session")
    func outlivesDaemon() throws {
        let session = try Session()
        let gate = try session.startGate()
        let server = try session.startServer(path: "/bin/cat", arguments: ["cat"])
        try session.harness.send(CL_ORDER_SEAL)
        try session.harness.expect(CL_REPORT_SEALED)
        let status = readFile("/proc/\(session.harness.keeper.pid)/status")
        #expect(status.contains("Uid:\t12346\t12346\t12346\t12346"))
        #expect(status.contains("Groups:\t \n"))
        #expect(status.contains("CapPrm:\t0000000000000000"))
        #expect(status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("Seccomp:\t2"))
        close(session.harness.control)
        session.harness.control = try session.harness.adopt()
        let (hello, pidfds) = try session.harness.next()
        #expect(hello.kind == CL_REPORT_HELLO)
        #expect(hello.state == UInt32(CL_STATE_GATE_RUNS | CL_STATE_SERVER_RUNS | CL_STATE_SEALED))
        #expect(pidfds.count == 2)
        #expect(readFile("/proc/self/fdinfo/\(pidfds[0])").contains("Pid:\t\(gate)\n"))
        #expect(readFile("/proc/self/fdinfo/\(pidfds[1])").contains("Pid:\t\(server)\n"))
        pidfds.forEach { close($0) }
        session.input.closeWriting()
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_SERVER)
        #expect(ending.server.code == CLX_EXITED)
    }

    @Test("what a daemon leaves with the keeper stays open without it, and the next daemon has it")
    func keepsTalk() throws {
        let session = try Session()
        try session.startGate()
        try session.startServer(path: "/bin/cat", arguments: ["cat"])
        let talk = TestPipe()
        try session.harness.send(CL_ORDER_SEAL, descriptors: [talk.writing])
        try session.harness.expect(CL_REPORT_SEALED)
        talk.closeWriting()
        close(session.harness.control)
        var waited = pollfd(fd: talk.reading, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waited, 1, 200) == 0)
        session.harness.control = try session.harness.adopt()
        let (_, kept) = try session.harness.next()
        #expect(kept.count == 3)
        #expect(write(kept[2], "x", 1) == 1)
        #expect(poll(&waited, 1, 10_000) == 1)
        kept.forEach { close($0) }
        session.input.closeWriting()
        try session.harness.expect(CL_REPORT_ENDED)
    }

    @Test("as the first process of a PID namespace the keeper reaps orphans, and its end ends them", .timeLimit(.minutes(1)))
    func reapsOrphans() throws {
        let session = try Session(asFirstProcess: true)
        try session.startGate()
        // Ten orphans that end at once, and one in a session of its own that stays.
        let program = """
            import os, time
            for i in range(11):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0 and i == 10: time.sleep(1000)
                    os._exit(0)
                os.wait()
            print('up', flush=True)
            time.sleep(1000)
            """
        try session.startServer(path: "/usr/bin/python3", arguments: ["python3", "-c", program])
        var bytes = [UInt8](repeating: 0, count: 3)
        _ = read(session.output.reading, &bytes, 3)
        let keeper = session.harness.keeper.pid
        func children() -> [Substring] { readFile("/proc/\(keeper)/task/\(keeper)/children").split(separator: " ") }
        // Gate, server and the one that stays. While children end, the file may miss some (proc_tid_children(5)): it is believed once it says the same twice.
        var left = children()
        while left.count != 3 || left != children() {
            sched_yield()
            left = children()
        }
        try session.harness.send(CL_ORDER_END)
        #expect(try session.harness.expect(CL_REPORT_ENDED).ending.server.status == SIGKILL)
        var ended = clx_exit()
        #expect(clx_wait_pidfd(session.harness.keeper.pidfd, 1, &ended) == 0)
        for pid in left { #expect(readFile("/proc/\(pid)/status") == "") }
    }

    @Test("before it is sealed, the end of the daemon ends the session")
    func endsWithDaemonBeforeSealing() throws {
        let session = try Session()
        try session.startGate()
        try session.startServer(path: "/bin/cat", arguments: ["cat"])
        close(session.harness.control)
        session.harness.control = -1
        let ending = try session.harness.lifelineEnding()
        #expect(ending.first == CL_ROLE_DAEMON)
        #expect(ending.server.status == SIGKILL)
    }
}
