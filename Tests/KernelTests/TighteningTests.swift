import Descriptors
import Glibc
import KernelPlan
import Policy
import Testing

@testable import Kernel

/// A running session is held to less: what is no longer permitted comes to nothing at once, and what still is goes on.
@Suite("tightening a running session", .enabled(if: isRoot, "needs root: programs and cgroups"), .serialized)
struct TighteningTests {
    static let loopback = IPAddress.v4(0x7f00_0001)
    static let network: [CgroupPlan.Hook] = [.connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress]

    static func ports(_ ports: UInt16...) -> CgroupPlan.Endpoints {
        .list(EndpointTable(entries: ports.map { EndpointTable.Entry(address: loopback, port: $0) }))
    }

    /// One session's cgroup with programs on it.
    final class Held {
        let scratch: ScratchScope
        let pins: String
        let leaf: OwnedDescriptor

        init(_ plan: CgroupPlan?) throws {
            scratch = try ScratchScope()
            pins = scratch.bpffs + "/pins"
            leaf = try scratch.scope.open(.server)
            if let plan { _ = try EgressPrograms.attach(plan, to: leaf, pins: pins) }
        }

        deinit { EgressPrograms.remove(pins: pins) }

        func tighten(_ plan: CgroupPlan, canListen: Bool = false) throws(TighteningFailure) {
            _ = try EgressPrograms.tighten(pins: pins, to: plan, canListen: canListen, on: scratch.scope)
        }

        /// A python of the session's, where the sockets lie.
        func runs(_ act: String, _ directory: String) throws -> String {
            try ConfinedPython.run(UnixSocketTests.dial + act + "\nprint('done')", [directory], cgroup: leaf.borrowed)
        }

        func connects(to port: UInt16) throws -> Bool {
            let text = try ConfinedPython.run(
                "import socket; socket.create_connection(('127.0.0.1', \(port))); print('done')", cgroup: leaf.borrowed)
            return text == "done\n"
        }
    }

    // MARK: Flows

    @Test(
        "data of a connection that is no longer permitted does not arrive, in neither direction; another goes on",
        arguments: [true, false])
    func cutsConnections(_ hadPrograms: Bool) throws {
        let (kept, cut) = (try LoopbackPeer(), try LoopbackPeer())
        let before = CgroupPlan(hooks: [.connect4, .connect6], tcp: Self.ports(kept.port, cut.port))
        let held = try Held(hadPrograms ? before : nil)
        let session = try LivePython(["tcp,\(kept.port)", "tcp,\(cut.port)"], cgroup: held.leaf.borrowed)
        let (keptFlow, cutFlow) = (try kept.accepted(), try cut.accepted())
        #expect(try session.line() == "ready")
        try keptFlow.await(20)
        try cutFlow.await(20)
        try cutFlow.say("before")
        #expect(try session.line() == "tcp,\(cut.port) before")

        try held.tighten(CgroupPlan(hooks: Self.network, tcp: Self.ports(kept.port)))
        _ = cutFlow.drain()
        try keptFlow.await(50)
        #expect(cutFlow.drain() == 0)
        try cutFlow.say("late")
        try keptFlow.await(20)
        try keptFlow.say("sentinel")
        #expect(try session.line() == "tcp,\(kept.port) sentinel")
        #expect(try held.connects(to: kept.port))
        #expect(try !held.connects(to: cut.port))
        #expect(try DenialMaps(pins: held.pins).counts().unheard > 0)
    }

    @Test("datagrams that are no longer permitted do not arrive, in neither direction; others go on")
    func cutsDatagrams() throws {
        let (kept, cut) = (try LoopbackPeer(SOCK_DGRAM), try LoopbackPeer(SOCK_DGRAM))
        let held = try Held(CgroupPlan(hooks: [.connect4, .connect6], tcp: .none, udp: .any))
        let session = try LivePython(["udp,\(kept.port)", "udp,\(cut.port)"], cgroup: held.leaf.borrowed)
        #expect(try session.line() == "ready")
        try kept.await(20)
        try cut.await(20)
        try held.tighten(CgroupPlan(hooks: Self.network, udp: Self.ports(kept.port)))
        _ = cut.drain()
        try kept.await(50)
        #expect(cut.drain() == 0)
    }

    /// Nothing in a packet says who opened a connection.
    @Test("of a session that listens, connections that it opened are judged by where they go, those that it accepted by where they came")
    func tellsDirections() throws {
        let cut = try LoopbackPeer()
        let own = (try Self.freePort(), try Self.freePort())
        let held = try Held(
            CgroupPlan(hooks: [.connect4, .connect6, .bind4, .bind6, .ingress], tcp: Self.ports(cut.port), own: Self.ports(own.0, own.1)))
        let session = try LivePython(["bound,\(cut.port),\(own.0)", "listen,\(own.1)"], cgroup: held.leaf.borrowed)
        let opened = try cut.accepted()
        #expect(try session.line() == "listening")
        let accepted = try LoopbackPeer.connecting(to: own.1)
        #expect(try session.line() == "ready")
        try opened.await(20)
        try accepted.await(20)
        // The port that the connection goes out from is still one to listen on.
        try held.tighten(CgroupPlan(hooks: Self.network, own: Self.ports(own.0, own.1)), canListen: true)
        _ = opened.drain()
        try accepted.await(50)
        #expect(opened.drain() == 0)
        // And less: nobody is listened to any more.
        try held.tighten(CgroupPlan(hooks: Self.network, tcp: Self.ports(cut.port)), canListen: true)
        _ = accepted.drain()
        try opened.await(20)
        #expect(accepted.drain() == 0)
    }

    private static func freePort() throws -> UInt16 { try LoopbackPeer().port }

    @Test("a session is tightened again and again by the same links")
    func again() throws {
        let peers = try (0..<3).map { _ in try LoopbackPeer() }
        let all = CgroupPlan.Endpoints.list(EndpointTable(entries: peers.map { .init(address: Self.loopback, port: $0.port) }))
        let held = try Held(CgroupPlan(hooks: [.connect4, .connect6], tcp: all))
        for count in [2, 1] {
            let some = CgroupPlan.Endpoints.list(
                EndpointTable(entries: peers.prefix(count).map { .init(address: Self.loopback, port: $0.port) }))
            try held.tighten(CgroupPlan(hooks: Self.network, tcp: some))
            for (index, peer) in peers.enumerated() { #expect(try held.connects(to: peer.port) == (index < count)) }
        }
    }

    /// Landlock and filter of a running session permit what they did; the hooks of unix sockets take all of it away.
    @Test(
        "unix sockets are taken away from a running session",
        .enabled(if: UnixSocketTests.host.has(.unixHooks), "unix-hooks: \(UnixSocketTests.host[.unixHooks].text)"))
    func takesUnixSockets() throws {
        let receivers = try UnixReceivers()
        let held = try Held(nil)
        let before = try held.runs("stream('stream'); datagram('datagram')", receivers.directory)
        #expect(before == "done\n")
        #expect(try receivers.heard(.stream) && receivers.heard(.datagram))
        try held.tighten(CgroupPlan(hooks: Self.network + [.connectUnix, .sendmsgUnix]))
        for act in ["stream('stream')", "datagram('datagram')"] {
            #expect(try held.runs(act, receivers.directory).contains("PermissionError"))
        }
        #expect(try !receivers.heard(.stream) && !receivers.heard(.datagram))
    }

    // MARK: Failing

    @Test("when one program cannot be replaced, every process of the session is killed")
    func killsWhenItFails() throws {
        let (kept, cut) = (try LoopbackPeer(), try LoopbackPeer())
        let held = try Held(CgroupPlan(hooks: [.connect4, .connect6], tcp: Self.ports(kept.port, cut.port)))
        let session = try LivePython(["tcp,\(kept.port)", "tcp,\(cut.port)"], cgroup: held.leaf.borrowed)
        #expect(try session.line() == "ready")
        // What is found in the second link's place is no link.
        try WorkingDirectory().unlink(held.pins + "/connect6")
        try WorkingDirectory().makeDirectory(held.pins + "/connect6")
        defer { rmdir(held.pins + "/connect6") }
        let failure = #expect(throws: TighteningFailure.self) {
            try held.tighten(CgroupPlan(hooks: Self.network, tcp: Self.ports(kept.port)))
        }
        guard case .killed(let why) = failure else {
            Issue.record("\(failure.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(why.detail == "replace connect6")
        #expect(session.ends())
    }

    @Test("when new programs cannot be made, every process of the session is killed")
    func killsWhenItCannotLoad() throws {
        let kept = try LoopbackPeer()
        let held = try Held(CgroupPlan(hooks: [.connect4, .connect6], tcp: Self.ports(kept.port)))
        let session = try LivePython(["tcp,\(kept.port)"], cgroup: held.leaf.borrowed)
        #expect(try session.line() == "ready")
        // No kernel has this: either such programs are refused, or nobody opens the socket.
        let plan = CgroupPlan(
            hooks: Self.network + [.unix], tcp: Self.ports(kept.port), unix: [InodeRule(path: "/nowhere", device: 0, inode: 0)])
        #expect(throws: TighteningFailure.self) { try held.tighten(plan) }
        #expect(session.ends())
    }

    @Test("a session whose connections cannot be told apart is not tightened in place, and nothing is changed")
    func notInPlace() throws {
        let kept = try LoopbackPeer()
        let held = try Held(CgroupPlan(hooks: [.connect4, .connect6], tcp: Self.ports(kept.port)))
        let failure = #expect(throws: TighteningFailure.self) { try held.tighten(CgroupPlan(hooks: Self.network), canListen: true) }
        guard case .notInPlace = failure else {
            Issue.record("\(failure.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(try held.connects(to: kept.port))
    }
}
