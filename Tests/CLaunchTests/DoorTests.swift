import CLaunch
import CLinux
import Glibc
import Testing

@Suite("A server behind a door, and who serves it", .enabled(if: isRoot, "needs root: another uid and cgroups"), .serialized)
struct DoorTests {
    private static let port: UInt32 = 3128

    /// Says what came of connecting to each: an answer, or the errno.
    private static let client = """
        import errno, socket
        for address in ("127.0.0.1", 3128), ("127.0.0.1", 3129), ("127.0.0.2", 3128), ("192.0.2.1", 443):
            try:
                with socket.create_connection(address, 5) as s:
                    s.sendall(b"hello"); s.shutdown(1); print(s.recv(100).decode(), flush=True)
            except OSError as e: print(errno.errorcode[e.errno], flush=True)
        """

    /// Launches a server behind a door, and returns the listening socket once it is armed.
    private static func armServer(_ session: Session, _ program: String) throws -> Int32 {
        var launch = try session.server(path: "/usr/bin/python3", arguments: ["python3", "-c", program])
        launch.flags |= UInt32(CL_HAS_DOOR | CL_EMPTY_NETWORK | CL_WAIT_ARMED)
        launch.doorPort = port
        let specification = try launch.specification()
        defer { close(specification) }
        try session.harness.send(CL_ORDER_LAUNCH, role: CL_ROLE_SERVER, descriptors: launch.message(specification))
        let (report, descriptors) = try session.harness.next()
        guard report.kind == CL_REPORT_ARMED, descriptors.count == 2 else {
            throw Unmet(description: "report \(report.kind.rawValue), step \(report.step.rawValue), error \(report.error)")
        }
        close(descriptors[0])
        session.input.closeReading()
        session.output.closeWriting()
        session.errors.closeWriting()
        return descriptors[1]
    }

    /// A proxy that is `cat`: it ends when its pipe does.
    private static func startProxy(_ session: Session, hold: TestPipe) throws {
        let harness = session.harness
        let leaf = harness.cgroup.directory("proxy"), kill = harness.cgroup.killFile("proxy")
        defer { for descriptor in [leaf, kill] { close(descriptor) } }
        try harness.send(CL_ORDER_LEAF, role: CL_ROLE_PROXY, descriptors: [hold.writing, leaf, kill])
        let sink = TestPipe()
        var launch = TestLaunch(path: "/bin/cat", arguments: ["cat"], descriptors: [hold.reading, sink.writing, sink.writing])
        launch.uid = 12347
        launch.gid = 12347
        try harness.launch(CL_ROLE_PROXY, launch)
        hold.closeReading()
        hold.closeWriting()
    }

    private static func serve(_ door: Int32, _ answer: String) throws -> String {
        var waited = pollfd(fd: door, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waited, 1, 10_000)
        try #require(ready == 1)
        let connection = try require(clx_accept(door, 0), "accept")
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = try require(Int32(recv(connection, &bytes, bytes.count, 0)), "recv")
        _ = send(connection, answer, answer.utf8.count, 0)
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }

    @Test("reaches who has the door, whatever network that one is in, and nothing else")
    func reaches() throws {
        let session = try Session()
        try session.startGate()
        let door = try Self.armServer(session, Self.client)
        defer { close(door) }
        try session.harness.send(CL_ORDER_GO, role: CL_ROLE_SERVER)
        try session.harness.expect(CL_REPORT_RUNNING)
        #expect(try Self.serve(door, "from outside") == "hello")
        #expect(session.output.drain() == "from outside\nECONNREFUSED\nECONNREFUSED\nENETUNREACH\n")
    }

    @Test("the proxy finishes once the server has ended, and is told of with the others")
    func finishes() throws {
        let session = try Session()
        try session.startGate()
        let door = try Self.armServer(session, "pass")
        defer { close(door) }
        try Self.startProxy(session, hold: TestPipe())
        try session.harness.send(CL_ORDER_GO, role: CL_ROLE_SERVER)
        try session.harness.expect(CL_REPORT_RUNNING)
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_SERVER && ending.server.code == 1 && ending.server.status == 0)
        // It was not killed: its pipe was closed, and it was waited for.
        #expect(ending.proxy.started == 1 && ending.proxy.code == 1 && ending.proxy.status == 0)
        #expect(session.harness.recorded?.proxy.code == 1)
    }

    @Test("when the proxy ends, the session does")
    func proxyDies() throws {
        let session = try Session()
        try session.startGate()
        let door = try Self.armServer(session, "import time; time.sleep(1000)")
        defer { close(door) }
        try Self.startProxy(session, hold: TestPipe())
        try session.harness.send(CL_ORDER_GO, role: CL_ROLE_SERVER)
        try session.harness.expect(CL_REPORT_RUNNING)
        session.harness.cgroup.kill("proxy")
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.first == CL_ROLE_PROXY && ending.proxy.code == 2 && ending.proxy.status == SIGKILL)
        #expect(ending.server.code == 2 && ending.server.status == SIGKILL)
    }

    @Test("a proxy without a leaf is not launched, and has one leaf only")
    func leaf() throws {
        for twice in [false, true] {
            let session = try Session()
            let hold = TestPipe()
            if twice {
                let leaf = session.harness.cgroup.directory("proxy"), kill = session.harness.cgroup.killFile("proxy")
                defer { for descriptor in [leaf, kill] { close(descriptor) } }
                for _ in 0..<2 {
                    try session.harness.send(CL_ORDER_LEAF, role: CL_ROLE_PROXY, descriptors: [hold.writing, leaf, kill])
                }
            } else {
                let launch = TestLaunch(path: "/bin/cat", arguments: ["cat"], descriptors: [hold.reading, hold.writing, hold.writing])
                let specification = try launch.specification()
                defer { close(specification) }
                try session.harness.send(CL_ORDER_LAUNCH, role: CL_ROLE_PROXY, descriptors: launch.message(specification))
            }
            let ending = try session.harness.expect(CL_REPORT_ENDED).ending
            #expect(ending.first == CL_ROLE_DAEMON && ending.error == EPROTO && ending.proxy.started == 0)
        }
    }
}
