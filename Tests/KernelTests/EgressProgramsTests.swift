import CEscapes
import Descriptors
import Glibc
import KernelPlan
import Policy
import Testing

@testable import Kernel

@Suite("programs of a plan", .enabled(if: isRoot, "needs root: programs and cgroups"), .serialized)
struct EgressProgramsTests {
    static let loopback = IPAddress.v4(0x7f00_0001)
    static let ten = IPAddress.v4(0x0a01_0101)
    static let other = IPAddress.v4(0xc633_6401)
    static let port: UInt16 = 5353

    static func entries(_ endpoints: (IPAddress?, UInt16?)...) -> CgroupPlan.Endpoints {
        .list(EndpointTable(entries: endpoints.map { EndpointTable.Entry(address: $0.0, port: $0.1) }))
    }

    static let network = CgroupPlan.Endpoints.list(
        EndpointTable(
            entries: [],
            regions: [EndpointTable.Region(address: IPAddress.v4(0x0a00_0000).mappedBytes, prefix: 104, ports: [port...port])]))

    static let connecting: [CgroupPlan.Hook] = [.connect4, .connect6]
    static let sending = connecting + [.sendmsg4, .sendmsg6, .egress, .ingress]
    static let listening: [CgroupPlan.Hook] = [.bind4, .bind6, .ingress]

    /// The same networks for other ports, so that there is more than one set of them.
    static let otherPorts = CgroupPlan.Endpoints.list(
        EndpointTable(
            entries: [],
            regions: [EndpointTable.Region(address: ten.mappedBytes, prefix: 120, ports: [7...7, 9...9])]))

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let plan: CgroupPlan
        var way: ce_way? = CE_SENDTO
        var address = loopback
        let isPermitted: Bool
    }

    static let cases = [
        Case(
            testDescription: "UDP, listed", plan: CgroupPlan(hooks: sending, udp: entries((loopback, port))), isPermitted: true),
        Case(
            testDescription: "UDP, another address", plan: CgroupPlan(hooks: sending, udp: entries((loopback, port))), address: ten,
            isPermitted: false),
        Case(
            testDescription: "UDP, another port", plan: CgroupPlan(hooks: sending, udp: entries((loopback, port + 1))), isPermitted: false),
        Case(testDescription: "UDP, any port", plan: CgroupPlan(hooks: sending, udp: entries((loopback, nil))), isPermitted: true),
        Case(testDescription: "UDP, any address", plan: CgroupPlan(hooks: sending, udp: entries((nil, port))), isPermitted: true),
        Case(testDescription: "UDP, a network", plan: CgroupPlan(hooks: sending, udp: network), address: ten, isPermitted: true),
        Case(testDescription: "UDP, outside of a network", plan: CgroupPlan(hooks: sending, udp: network), isPermitted: false),
        Case(
            testDescription: "UDP, a network among sets of other ports", plan: CgroupPlan(hooks: sending, tcp: otherPorts, udp: network),
            address: ten, isPermitted: true),
        Case(
            testDescription: "UDP, where only TCP is listed",
            plan: CgroupPlan(hooks: sending, tcp: entries((loopback, port)), udp: network),
            isPermitted: false),
        Case(
            testDescription: "UDP, a network of TCP", plan: CgroupPlan(hooks: sending, tcp: network, udp: entries((loopback, port))),
            address: ten, isPermitted: false),
        Case(testDescription: "UDP, any", plan: CgroupPlan(hooks: connecting, udp: .any), address: ten, isPermitted: true),
        Case(
            testDescription: "TCP, where only UDP is listed", plan: CgroupPlan(hooks: sending, udp: entries((loopback, port))), way: nil,
            isPermitted: false),
        Case(
            testDescription: "TCP, listed beside UDP",
            plan: CgroupPlan(hooks: sending, tcp: entries((loopback, port)), udp: entries((ten, port))), way: nil, isPermitted: true),
    ]

    private static func fill(_ bytes: UnsafeMutableRawBufferPointer, _ address: IPAddress) { bytes.copyBytes(from: address.mappedBytes) }

    private static func reach(_ testCase: Case, cgroup: Int32) -> ce_reached {
        let receivers = [loopback, ten].flatMap(\.mappedBytes)
        var reached = ce_reached()
        if let way = testCase.way {
            var datagram = ce_datagram()
            datagram.way = way
            datagram.port = port
            withUnsafeMutableBytes(of: &datagram.address) { fill($0, testCase.address) }
            #expect(ce_send(cgroup, &datagram, receivers, 2, &reached) == 0)
        } else {
            var attempt = ce_attempt()
            attempt.port = port
            withUnsafeMutableBytes(of: &attempt.address) { fill($0, testCase.address) }
            #expect(ce_connect(cgroup, &attempt, receivers, 2, &reached) == 0)
        }
        return reached
    }

    @Test("what a plan's lists say is what gets through", arguments: cases)
    func applies(_ testCase: Case) throws {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(testCase.plan, to: leaf, pins: scratch.bpffs + "/pins")
        let reached = Self.reach(testCase, cgroup: leaf.number)
        #expect(reached.error == (testCase.isPermitted ? 0 : EPERM))
        #expect((reached.listener >= 0) == testCase.isPermitted)
        EgressPrograms.remove(pins: programs.pins)
    }

    struct Listening: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let own: CgroupPlan.Endpoints
        var address: IPAddress? = loopback
        var reached = loopback
        let error: Int32
        let isReached: Bool
    }

    static let unspecified = IPAddress.v4(0)
    static let listenings = [
        Listening(testDescription: "listed", own: entries((loopback, port)), error: 0, isReached: true),
        Listening(testDescription: "another port", own: entries((loopback, port + 1)), error: EPERM, isReached: false),
        Listening(testDescription: "another address", own: entries((other, port)), error: EPERM, isReached: false),
        Listening(
            testDescription: "everywhere, one address listed", own: entries((loopback, port)), address: unspecified, error: EPERM,
            isReached: false),
        Listening(testDescription: "everywhere, by port", own: entries((nil, port)), address: unspecified, error: 0, isReached: true),
        Listening(testDescription: "in a network", own: network, address: ten, reached: ten, error: 0, isReached: true),
        Listening(testDescription: "outside of a network", own: network, error: EPERM, isReached: false),
        Listening(testDescription: "without bind", own: entries((nil, port)), address: nil, error: 0, isReached: false),
        Listening(testDescription: "without bind, any", own: .any, address: nil, error: 0, isReached: true),
    ]

    private static func listen(_ testCase: Listening, cgroup: Int32) -> ce_reached {
        var listening = ce_listening()
        listening.binds = testCase.address == nil ? 0 : 1
        listening.port = port
        withUnsafeMutableBytes(of: &listening.address) { fill($0, testCase.address ?? loopback) }
        withUnsafeMutableBytes(of: &listening.reached) { fill($0, testCase.reached) }
        var reached = ce_reached()
        #expect(ce_listen(cgroup, &listening, &reached) == 0)
        return reached
    }

    /// listen(2) without bind(2) takes a port that no hook sees: only dropping what comes keeps strangers out.
    @Test("a session is reached where it may listen, and nowhere else", arguments: listenings)
    func listens(_ testCase: Listening) throws {
        if testCase.address != Self.other { #expect(Self.listen(testCase, cgroup: -1).listener == 0) }
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let plan = CgroupPlan(hooks: Self.listening, own: testCase.own)
        let programs = try EgressPrograms.attach(plan, to: leaf, pins: scratch.bpffs + "/pins")
        let reached = Self.listen(testCase, cgroup: leaf.number)
        #expect(reached.error == testCase.error)
        #expect((reached.listener == 0) == testCase.isReached)
        EgressPrograms.remove(pins: programs.pins)
    }

    // MARK: Second layers

    static let again: [CgroupPlan.Hook] =
        connecting + [.sockCreate] + (UnixSocketTests.host.has(.unixHooks) ? [.connectUnix, .sendmsgUnix] : [])

    static let layered = [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
    ]

    @Test("what the filter of system calls denies is denied once more, without a filter", arguments: layered)
    func deniesAgain(_ act: String) throws { try checkDeniedAgain(act, nil) }

    static let layeredUnix: [(String, UnixReceivers.Name)] = [
        ("stream('stream')", .stream), ("datagram('datagram')", .datagram), ("stream('\\0' + it + '/abstract')", .abstractStream),
    ]

    @Test(
        "a unix socket that got past the filter reaches nobody all the same",
        .enabled(if: UnixSocketTests.host.has(.unixHooks), "unix-hooks: \(UnixSocketTests.host[.unixHooks].text)"), arguments: layeredUnix)
    func deniesUnixAgain(_ act: String, _ receiver: UnixReceivers.Name) throws { try checkDeniedAgain(act, receiver) }

    private func checkDeniedAgain(_ act: String, _ receiver: UnixReceivers.Name?) throws {
        let receivers = try UnixReceivers()
        let program = UnixSocketTests.dial + act + "\nprint('done')"
        #expect(try ConfinedPython.run(program, [receivers.directory]) == "done\n", "unconfined")
        if let receiver { #expect(try receivers.heard(receiver)) }
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(CgroupPlan(hooks: Self.again), to: leaf, pins: scratch.bpffs + "/pins")
        #expect(try ConfinedPython.run(program, [receivers.directory], cgroup: leaf.borrowed).contains("PermissionError"))
        if let receiver { #expect(try !receivers.heard(receiver)) }
        let permitted = "import socket; socket.socket(); a, b = socket.socketpair(); a.send(b'x'); b.recv(1); print('done')"
        #expect(try ConfinedPython.run(permitted, cgroup: leaf.borrowed) == "done\n")
        EgressPrograms.remove(pins: programs.pins)
    }

    // MARK: Failing

    static let unapplied: [(CgroupPlan, String)] = [
        (CgroupPlan(hooks: [.connect4, .connect6, .sendmsg4, .sendmsg6, .ingress], udp: entries((loopback, port))), "egress"),
        (CgroupPlan(hooks: [.connect4, .connect6, .sendmsg4, .sendmsg6, .egress], udp: entries((loopback, port))), "ingress"),
        (CgroupPlan(hooks: [.connect4], tcp: entries((loopback, port))), "connect6"),
        (CgroupPlan(hooks: connecting + [.bind4, .bind6], own: entries((loopback, port))), "ingress"),
        (CgroupPlan(hooks: connecting, unix: [InodeRule(path: "/run/x", device: 1, inode: 1)]), "unix"),
    ]

    @Test("a list without the hooks that hold it fails the launch", arguments: unapplied)
    func refusesUnapplied(_ plan: CgroupPlan, _ named: String) {
        let failure = #expect(throws: LaunchFailure.self) {
            try PlanParts.check(
                KernelPlan(
                    custody: .daemon, user: .session, landlock: LandlockPlan(abi: 7, handledFiles: [], paths: []),
                    seccomp: SeccompPlan(groups: []), cgroup: plan, launchesOnce: true, trials: []))
        }
        #expect(failure?.step == .loadPrograms)
        #expect(failure?.detail.contains(named) == true)
    }

    static let applied = [
        CgroupPlan(hooks: connecting, udp: .any), CgroupPlan(hooks: listening, tcp: .any, udp: .any, own: entries((loopback, port))),
        CgroupPlan(hooks: sending + [.bind4, .bind6], udp: network, own: network),
    ]

    @Test("what another mechanism leaves free needs no hook", arguments: applied)
    func acceptsApplied(_ plan: CgroupPlan) throws {
        try PlanParts.check(
            KernelPlan(
                custody: .daemon, user: .session, landlock: LandlockPlan(abi: 7, handledFiles: [], paths: []),
                seccomp: SeccompPlan(groups: []),
                cgroup: plan, launchesOnce: true, trials: []))
    }

    @Test("a cgroup that takes no programs fails the launch, and leaves no pin")
    func failsToAttach() throws {
        let scratch = try ScratchScope()
        let file = try WorkingDirectory().open("/dev/null")
        let pins = scratch.bpffs + "/pins"
        let failure = #expect(throws: LaunchFailure.self) {
            _ = try EgressPrograms.attach(CgroupPlan(hooks: Self.sending, udp: Self.network), to: file, pins: pins)
        }
        #expect(failure?.step == .loadPrograms)
        #expect(failure?.detail == "attach connect4")
        #expect(throws: Errno.noEntry) { _ = try WorkingDirectory().status(of: pins) }
    }

    @Test("a program of others in an ancestor's chain is told by name, and fails the launch")
    func findsOthers() throws {
        let scratch = try ScratchScope()
        let parent = try WorkingDirectory().open(scratch.parent, [.read, .directory])
        // It permits everything; who knows what another would.
        let foreign = try EgressPrograms.attach(
            CgroupPlan(hooks: [.connect6], tcp: .any, udp: .any), to: parent, pins: scratch.bpffs + "/foreign")
        let leaf = try scratch.scope.open(.server)
        let pins = scratch.bpffs + "/pins"
        let failure = #expect(throws: LaunchFailure.self) {
            _ = try EgressPrograms.attach(CgroupPlan(hooks: Self.connecting), to: leaf, pins: pins)
        }
        #expect(failure?.step == .loadPrograms)
        #expect(failure?.detail.contains("connect6 #") == true)
        #expect(throws: Errno.noEntry) { _ = try WorkingDirectory().status(of: pins) }
        let profile = HostProbe.observe(custody: .daemon, tree: scratch.tree, bpffs: scratch.bpffs)
        let connects = profile[.connectHooks].text
        #expect(connects.hasPrefix("shared with (connect6 #"), "\(connects)")
        #expect(profile[.sendHooks].text.hasPrefix("shared with (connect6 #"))
        #expect(profile[.bindHooks] == .works)
        #expect(profile[.ingressFilter] == .works)
        EgressPrograms.remove(pins: foreign.pins)
    }
}
