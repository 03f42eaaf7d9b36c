import CLinux
import Descriptors
import Glibc

@testable import Kernel

/// A python in a cgroup that keeps talking over the sockets that it is told to make, and says what it hears.
final class LivePython {
    /// `KIND,PORT[,OWN]`: `tcp` connects; `bound` does so from a port of its own; `udp` connects a datagram socket; `listen` waits for one to come.
    private static let program = """
        import selectors, socket, sys, time
        named, watch = {}, selectors.DefaultSelector()
        def tcp(own=None):
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if own: s.bind(('127.0.0.1', own))
            return s
        for argument in sys.argv[1:]:
            kind, port, *own = argument.split(',')
            if kind == 'udp': s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            else: s = tcp(int(own[0]) if own else None)
            if kind == 'listen':
                s.bind(('127.0.0.1', int(port))); s.listen(); print('listening', flush=True); s = s.accept()[0]
            else: s.connect(('127.0.0.1', int(port)))
            s.setblocking(False)
            named[s] = argument
            watch.register(s, selectors.EVENT_READ)
        print('ready', flush=True)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for s in named:
                try: s.send(b'.')
                except OSError: pass
            for key, _ in watch.select(0.002):
                try: data = key.fileobj.recv(100)
                except OSError: continue
                if data: print(named[key.fileobj], data.decode(), flush=True)
                else: watch.unregister(key.fileobj)
        """

    let process: StartedProcess
    private let output: OwnedDescriptor
    private var pending = ""

    convenience init(_ arguments: [String], cgroup: BorrowedDescriptor) throws {
        try self.init(running: Self.program, arguments, cgroup: cgroup)
    }

    init(running program: String, _ arguments: [String], cgroup: BorrowedDescriptor) throws {
        let null = try WorkingDirectory().open("/dev/null", .readWrite)
        let pipe = try Pipe()
        let writer = pipe.writer
        output = pipe.reader
        let specification = LaunchSpecification(
            path: Array("/usr/bin/python3".utf8), arguments: (["python3", "-ISc", program] + arguments).map { Array($0.utf8) },
            environment: [], identity: LaunchSpecification.Identity(uid: 12_345, gid: 12_345, groups: [], isChanged: true),
            waitsForGo: false)
        process = try StartedProcess.start(
            specification, LaunchSpecification.Descriptors(inherited: [null.borrowed, writer.borrowed, writer.borrowed]), cgroup: cgroup)
    }

    deinit {
        process.kill()
        process.reap(waiting: true)
    }

    /// The next line that it prints; throws when it does not come in time.
    func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: "\n") {
                defer { pending.removeSubrange(...end) }
                return String(pending[..<end])
            }
            guard readable(output.number) else { throw Errno.timedOut }
            var chunk: [UInt8] = []
            _ = try output.read(appendingTo: &chunk, atMost: 4_096)
            guard !chunk.isEmpty else { throw Errno.brokenPipe }
            pending += String(decoding: chunk, as: UTF8.self)
        }
    }

    /// Whether it ends in time.
    func ends() -> Bool { readable(process.pidfd.number) }
}

/// Within 20 seconds.
func readable(_ descriptor: Int32) -> Bool {
    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waited, 1, 20_000) == 1
}
