import Descriptors
import Glibc
import KernelPlan
import Policy
import Testing

@testable import Kernel

/// `egress.unix: [PATH]` by each mechanism alone that can hold it. Truth is what the receiver of each socket saw.
@Suite("unix sockets by path", .enabled(if: isRoot, "needs root: programs, cgroups, other uids"), .serialized)
struct UnixSocketTests {
    static let host = HostProbe.observe(custody: .daemon, tree: (try? CgroupTree.find()) ?? nil, bpffs: "")

    /// What a confined program does, in python; `it` is the directory of the sockets.
    struct Act: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let program: String
        /// Who would hear of it; `nil`: the act's own errno is all there is to see.
        var receiver: UnixReceivers.Name?
        let isPermitted: Bool
    }

    static let dial = """
        import _socket as socket, os, sys
        os.chdir(sys.argv[1])
        def stream(name): s = socket.socket(socket.AF_UNIX); s.connect(name); s.send(b'x')
        def packets(name): s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(name); s.send(b'x')
        def datagram(name): socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', name)
        def connected(name): s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(name); s.send(b'x')
        def reconnected(name):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect('datagram'); s.connect(name); s.send(b'x')
        it = os.getcwd()

        """

    static let acts = [
        Act(testDescription: "stream", program: "stream(it + '/stream')", receiver: .stream, isPermitted: true),
        Act(testDescription: "stream, relative", program: "stream('stream')", receiver: .stream, isPermitted: true),
        Act(testDescription: "stream, by a link", program: "stream('link')", receiver: .stream, isPermitted: true),
        Act(testDescription: "packets", program: "packets('packets')", receiver: .packets, isPermitted: true),
        Act(testDescription: "datagram", program: "datagram('datagram')", receiver: .datagram, isPermitted: true),
        Act(testDescription: "datagram, connected", program: "connected('datagram')", receiver: .datagram, isPermitted: true),
        Act(testDescription: "another stream", program: "stream(it + '/other-stream')", receiver: .otherStream, isPermitted: false),
        Act(testDescription: "another stream, relative", program: "stream('other-stream')", receiver: .otherStream, isPermitted: false),
        Act(testDescription: "another stream, by a link", program: "stream('other-link')", receiver: .otherStream, isPermitted: false),
        Act(
            testDescription: "another stream, moved to the granted name", program: "stream('moved/stream')", receiver: .movedStream,
            isPermitted: false),
        Act(testDescription: "other packets", program: "packets('other-packets')", receiver: .otherPackets, isPermitted: false),
        Act(testDescription: "another datagram", program: "datagram('other-datagram')", receiver: .otherDatagram, isPermitted: false),
        Act(
            testDescription: "another datagram, connected", program: "connected('other-datagram')", receiver: .otherDatagram,
            isPermitted: false),
        Act(
            testDescription: "another datagram, after a granted one", program: "reconnected('other-datagram')", receiver: .otherDatagram,
            isPermitted: false),
        Act(
            testDescription: "an abstract stream", program: "stream('\\0' + it + '/abstract')", receiver: .abstractStream,
            isPermitted: false),
        Act(
            testDescription: "an abstract datagram", program: "datagram('\\0' + it + '/abstract-datagram')", receiver: .abstractDatagram,
            isPermitted: false),
        Act(testDescription: "a pair", program: "a, b = socket.socketpair(); a.send(b'x'); b.recv(1)", isPermitted: true),
        Act(
            testDescription: "a name of its own", program: "socket.socket(socket.AF_UNIX).bind('/dev/shm/%d' % os.getpid())",
            isPermitted: false),
        Act(testDescription: "an abstract name", program: "socket.socket(socket.AF_UNIX).bind('\\0%d' % os.getpid())", isPermitted: false),
        Act(
            testDescription: "a name that the kernel chooses", program: "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind('')",
            isPermitted: false),
    ]

    static let right: Set<Mechanism> = [.landlockUnix, .landlockScopes, .landlockTCP]
    static let programs: Set<Mechanism> = [.bpfLSM, .connectHooks, .pins]

    @Test(
        "Landlock's right lets a session reach the sockets that are granted, and no others",
        .enabled(if: host.has(.landlockUnix), "landlock-unix: \(host[.landlockUnix].text)"), arguments: acts)
    func byRight(_ act: Act) throws { try check(act, by: Self.right) }

    @Test(
        "programs at security hooks let a session reach the sockets that are granted, and no others",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"), arguments: acts)
    func byPrograms(_ act: Act) throws { try check(act, by: Self.programs) }

    /// Beside listening on TCP the filter permits bind(2) and listen(2), and only the programs tell a unix socket.
    @Test(
        "programs at security hooks deny names and listening where TCP may listen",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"), arguments: acts.filter { !$0.isPermitted })
    func besideListening(_ act: Act) throws {
        try check(act, by: Self.programs.union([.bindHooks]), own: .any)
    }

    /// A socket that came from elsewhere is used by whoever has it; other hooks of a cgroup do not see it.
    @Test(
        "programs at security hooks judge a socket that was made outside",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"))
    func madeElsewhere() throws {
        let receivers = try UnixReceivers()
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let plan = CgroupPlan(hooks: [.unix], tcp: .any, udp: .any, unix: [try receivers.rule(.stream)])
        let file = try receivers.open(.stream)
        let programs = try EgressPrograms.attach(plan, to: leaf, pins: scratch.bpffs + "/pins") { _ throws(Errno) in file.borrowed }
        defer { EgressPrograms.remove(pins: programs.pins) }
        let text = try ConfinedPython.run(
            """
            import socket, os, time
            a, b = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
            open('\(scratch.scope.path(of: .server))/cgroup.procs', 'w').write('0')
            os.chdir('\(receivers.directory)')
            a.connect('stream')
            try: b.connect('other-stream'); print('reached')
            except PermissionError: print('denied')
            """, isRoot: true)
        #expect(text == "denied\n")
        #expect(try receivers.heard(.stream))
        #expect(try !receivers.heard(.otherStream))
    }

    /// Made outside and handed in, they pass the programs that see what is born in the cgroup.
    @Test(
        "programs at security hooks judge IP sockets that were made outside",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"))
    func receivedAddresses() throws {
        let (kept, other) = (try LoopbackPeer(), try LoopbackPeer())
        let (keptUDP, otherUDP) = (try LoopbackPeer(SOCK_DGRAM), try LoopbackPeer(SOCK_DGRAM))
        let list = { (port: UInt16) in
            CgroupPlan.Endpoints.list(EndpointTable(entries: [.init(address: IPAddress.v4(0x7f00_0001), port: port)]))
        }
        let program = { (scratch: ScratchScope) in
            """
            import socket
            streams = [socket.socket() for _ in range(3)] + [socket.socket(socket.AF_INET6)]
            datagrams = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            open('\(scratch.scope.path(of: .server))/cgroup.procs', 'w').write('0')
            def tried(act):
                try: act(); print('through')
                except PermissionError: print('denied')
            tried(lambda: streams[0].connect(('127.0.0.1', \(kept.port))))
            tried(lambda: streams[1].connect(('127.0.0.1', \(other.port))))
            tried(lambda: streams[2].connect(('0.0.0.0', \(kept.port))))
            tried(lambda: streams[3].connect(('::ffff:127.0.0.1', \(other.port))))
            tried(lambda: datagrams[0].sendto(b'x', ('127.0.0.1', \(keptUDP.port))))
            tried(lambda: datagrams[1].sendto(b'x', ('127.0.0.1', \(otherUDP.port))))
            """
        }
        let network: [CgroupPlan.Hook] = [.connect4, .connect6, .sendmsg4, .sendmsg6]
        for (hooks, isHeld) in [(network, false), (network + [.received], true)] {
            let scratch = try ScratchScope()
            let plan = CgroupPlan(hooks: hooks, tcp: list(kept.port), udp: list(keptUDP.port))
            let programs = try EgressPrograms.attach(plan, to: try scratch.scope.open(.server), pins: scratch.bpffs + "/pins")
            let said = try ConfinedPython.run(program(scratch), isRoot: true).split(separator: "\n").map(String.init)
            let others = isHeld ? "denied" : "through"
            #expect(said == ["through", others, "through", others, "through", others])
            #expect((otherUDP.drain() == 0) == isHeld)
            #expect(keptUDP.drain() == 1)
            EgressPrograms.remove(pins: programs.pins)
        }
    }

    /// The same of where they are bound and listen. What is born in the cgroup may listen unbound: packets to it are judged.
    @Test(
        "programs at security hooks judge where IP sockets that were made outside listen",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"))
    func receivedListening() throws {
        let ports = [try LoopbackPeer(), try LoopbackPeer(), try LoopbackPeer()].map(\.port)
        let own = CgroupPlan.Endpoints.list(
            EndpointTable(entries: [.init(address: IPAddress.v4(0x7f00_0001), port: ports[0]), .init(address: nil, port: ports[2])]))
        let program = { (scratch: ScratchScope) in
            """
            import socket
            def made(family=socket.AF_INET, kind=socket.SOCK_STREAM):
                it = socket.socket(family, kind)
                if kind == socket.SOCK_STREAM: it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                return it
            streams, sixes, datagram = [made() for _ in range(7)], [made(socket.AF_INET6) for _ in range(4)], made(kind=socket.SOCK_DGRAM)
            streams[4].bind(('127.0.0.1', \(ports[1])))
            streams[5].bind(('127.0.0.1', 0))
            open('\(scratch.scope.path(of: .server))/cgroup.procs', 'w').write('0')
            def tried(it, *at):
                try:
                    if at: it.bind(at)
                    if it.type == socket.SOCK_STREAM: it.listen()
                    print('through')
                except PermissionError: print('denied')
                it.close()
            tried(streams[0], '127.0.0.1', \(ports[0]))
            tried(sixes[0], '::ffff:127.0.0.1', \(ports[0]))
            tried(streams[1], '0.0.0.0', \(ports[2]))
            tried(sixes[1], '::', \(ports[2]))
            tried(made())
            tried(streams[2], '127.0.0.1', \(ports[1]))
            tried(streams[3], '0.0.0.0', \(ports[0]))
            tried(streams[4])
            tried(streams[5])
            tried(streams[6])
            tried(sixes[2], '::1', \(ports[0]))
            tried(sixes[3])
            tried(datagram, '127.0.0.1', \(ports[0]))
            """
        }
        let network: [CgroupPlan.Hook] = [.bind4, .bind6, .ingress]
        for (hooks, isHeld) in [(network, false), (network + [.received], true)] {
            let scratch = try ScratchScope()
            let plan = CgroupPlan(hooks: hooks, tcp: .any, udp: .any, own: own)
            let programs = try EgressPrograms.attach(plan, to: try scratch.scope.open(.server), pins: scratch.bpffs + "/pins")
            let said = try ConfinedPython.run(program(scratch), isRoot: true).split(separator: "\n").map(String.init)
            let others = [String](repeating: isHeld ? "denied" : "through", count: 8)
            #expect(said == [String](repeating: "through", count: 5) + others)
            #expect(try DenialMaps(pins: programs.pins).counts().denied == (isHeld ? 8 : 0))
            EgressPrograms.remove(pins: programs.pins)
        }
    }

    @Test(
        "a denied unix socket is told of", .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"))
    func counts() throws {
        let receivers = try UnixReceivers()
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(
            CgroupPlan(hooks: [.unix], tcp: .any, udp: .any), to: leaf, pins: scratch.bpffs + "/pins")
        defer { EgressPrograms.remove(pins: programs.pins) }
        _ = try ConfinedPython.run(Self.dial + "stream('stream')", [receivers.directory], cgroup: leaf.borrowed)
        #expect(try DenialMaps(pins: programs.pins).counts() == DenialMaps.Counts(denied: 1, lost: 0))
        #expect(try DenialMaps(pins: programs.pins).openRing().number >= 0)
    }

    @Test(
        "a socket that was replaced since it was found fails the launch",
        .enabled(if: host.has(.bpfLSM), "bpf-lsm: \(host[.bpfLSM].text)"))
    func replaced() throws {
        let receivers = try UnixReceivers()
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let pins = scratch.bpffs + "/pins"
        let other = try receivers.open(.otherStream)
        let plan = CgroupPlan(hooks: [.unix], tcp: .any, udp: .any, unix: [try receivers.rule(.stream)])
        let failure = #expect(throws: LaunchFailure.self) {
            _ = try EgressPrograms.attach(plan, to: leaf, pins: pins) { _ throws(Errno) in other.borrowed }
        }
        #expect(failure?.detail.contains("no longer") == true)
        #expect(throws: Errno.noEntry) { _ = try WorkingDirectory().status(of: pins) }
    }

    // MARK: One act

    /// Unconfined it goes through; confined it does what the policy says, and the receiver hears nothing else.
    private func check(_ act: Act, by mechanisms: Set<Mechanism>, own: EndpointGrant = .none) throws {
        let receivers = try UnixReceivers()
        let free = try ConfinedPython.run(Self.dial + act.program + "\nprint('done')", [receivers.directory])
        #expect(free == "done\n", "unconfined")
        if let receiver = act.receiver { #expect(try receivers.heard(receiver), "unconfined") }
        let confined = try perform(act, receivers, try receivers.plan(by: mechanisms, on: Self.host, own: own))
        #expect((confined == "done\n") == act.isPermitted, "\(confined)")
        if let receiver = act.receiver { #expect(try receivers.heard(receiver) == act.isPermitted) }
    }

    private func perform(_ act: Act, _ receivers: UnixReceivers, _ plan: KernelPlan) throws -> String {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let files = try UnixReceivers.granted.map { name in (try receivers.rule(name), try receivers.open(name).release()) }
        defer { for (_, number) in files { close(number) } }
        let pins = scratch.bpffs + "/pins"
        if let cgroup = plan.cgroup {
            _ = try EgressPrograms.attach(cgroup, to: leaf, pins: pins) { rule throws(Errno) in try Self.file(of: rule.inode, files) }
        }
        defer { EgressPrograms.remove(pins: pins) }
        // Of Landlock only what is about sockets: python's own files are not what is tried here.
        var landlock = plan.landlock
        landlock.handledFiles.formIntersection(.resolveUnix)
        landlock.paths.removeAll { !$0.rights.contains(.resolveUnix) }
        let isEmpty = landlock.handledFiles.isEmpty && landlock.scopes.isEmpty
        let filter = try SeccompFilter.make(plan.seccomp)
        let program = Self.dial + act.program + "\nprint('done')"
        guard !isEmpty else {
            return try ConfinedPython.run(program, [receivers.directory], seccomp: filter.borrowed, cgroup: leaf.borrowed)
        }
        let ruleset = try LandlockRuleset.make(landlock) { rule throws(Errno) in try Self.file(of: rule.inode, files) }
        return try ConfinedPython.run(
            program, [receivers.directory], ruleset: ruleset.borrowed, seccomp: filter.borrowed, cgroup: leaf.borrowed)
    }

    private static func file(of inode: UInt64, _ files: [(InodeRule, Int32)]) throws(Errno) -> BorrowedDescriptor {
        for (rule, number) in files where rule.inode == inode { return BorrowedDescriptor(number) }
        throw .noEntry
    }
}
