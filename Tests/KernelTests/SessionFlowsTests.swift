import Descriptors
import Glibc
import KernelPlan
import Testing

@testable import Kernel

/// SOCK_DESTROY, told by the cgroup that a socket was made in.
@Suite("flows of a session", .enabled(if: isRoot, "needs root: cgroups, and CAP_NET_ADMIN"), .serialized)
struct SessionFlowsTests {
    @Test("what a plan does not permit is ended at both ends, of this session alone; what it permits goes on")
    func ends() throws {
        let (kept, cut) = (try LoopbackPeer(), try LoopbackPeer())
        let datagrams = try LoopbackPeer(SOCK_DGRAM)
        let (held, other) = (try TighteningTests.Held(nil), try TighteningTests.Held(nil))
        let session = try LivePython(["tcp,\(kept.port)", "tcp,\(cut.port)", "udp,\(datagrams.port)"], cgroup: held.leaf.borrowed)
        let (keptFlow, cutFlow) = (try kept.accepted(), try cut.accepted())
        #expect(try session.line() == "ready")
        let stranger = try LivePython(["tcp,\(cut.port)"], cgroup: other.leaf.borrowed)
        let strangersFlow = try cut.accepted()
        #expect(try stranger.line() == "ready")
        try datagrams.await(20)
        let plan = CgroupPlan(hooks: TighteningTests.network, tcp: TighteningTests.ports(kept.port))
        let flows = try SessionFlows(of: held.leaf)
        let ended = try flows.end(forbiddenBy: plan)
        #expect(ended.map(\.transport).sorted() == ["tcp", "udp"])
        #expect(Set(ended.map(\.remote)) == ["127.0.0.1:\(cut.port)", "127.0.0.1:\(datagrams.port)"])
        _ = cutFlow.drain()
        #expect(cutFlow.isOver())
        try keptFlow.await(50)
        try strangersFlow.await(50)
        #expect(try flows.end(forbiddenBy: plan).isEmpty)
        #expect(try flows.end(forbiddenBy: CgroupPlan(hooks: TighteningTests.network, tcp: .any, udp: .any)).isEmpty)
    }

    @Test("a listening socket where the session may no longer listen is ended, and another stays")
    func listening() throws {
        let held = try TighteningTests.Held(nil)
        let port = try LoopbackPeer().port
        let session = try LivePython(["listen,\(port)"], cgroup: held.leaf.borrowed)
        #expect(try session.line() == "listening")
        let flows = try SessionFlows(of: held.leaf)
        #expect(try flows.end(forbiddenBy: CgroupPlan(hooks: TighteningTests.network, own: TighteningTests.ports(port))).isEmpty)
        #expect(try flows.end(forbiddenBy: CgroupPlan(hooks: TighteningTests.network)).map(\.local) == ["127.0.0.1:\(port)"])
        #expect(throws: (any Error).self) { try LoopbackPeer.connecting(to: port) }
    }
}
