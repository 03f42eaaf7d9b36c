import CEscapes
import CKernel
import CLinux
import Descriptors
import EventLoop
import Glibc
import KernelPlan
import Policy
import SessionProtocol
import StrictJSON
import Testing

@testable import Kernel

@Suite("what the programs of a session tell", .serialized)
struct DenialMapsTests {
    static let plan = CgroupPlan(hooks: EgressProgramsTests.connecting, tcp: .list(EndpointTable(entries: [])))

    /// Tries to connect from the leaf, in a network namespace of its own; the kernel denies it.
    private func connect(_ leaf: borrowing OwnedDescriptor, port: UInt16, fromIPv6: Bool = false) {
        var attempt = ce_attempt()
        attempt.port = port
        attempt.from_ipv6 = fromIPv6 ? 1 : 0
        withUnsafeMutableBytes(of: &attempt.address) { $0.copyBytes(from: EgressProgramsTests.loopback.mappedBytes) }
        var reached = ce_reached()
        #expect(ce_connect(leaf.number, &attempt, EgressProgramsTests.loopback.mappedBytes, 1, &reached) == 0)
        #expect(reached.error == EPERM && reached.listener < 0)
    }

    /// Denied, and of these lost.
    private func counted(_ maps: DenialMaps) throws -> [UInt64] {
        let counts = try maps.counts()
        return [counts.denied, counts.lost]
    }

    @Test("each denial is a record that says what was asked for, and counted", .enabled(if: isRoot, "needs root: programs and cgroups"))
    func tells() throws {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(Self.plan, to: leaf, pins: scratch.bpffs + "/pins")
        defer { EgressPrograms.remove(pins: programs.pins) }
        let maps = DenialMaps(pins: programs.pins)
        let ring = try maps.openRing()
        #expect(try maps.bytes(of: ring) == 4_096)
        let reader = try RingBuffer(mapping: ring.number, bytes: try maps.bytes(of: ring))
        #expect(reader.next() == .none)
        let before = Clock.monotonic
        connect(leaf, port: 80)
        connect(leaf, port: 81, fromIPv6: true)
        #expect(try counted(maps) == [2, 0])
        var denials: [KernelDenial] = []
        while case .record(let content) = reader.next() { denials.append(try #require(KernelDenial(record: content))) }
        #expect(denials.map(\.act.port) == [80, 81])
        #expect(denials.map(\.act.words) == ["connect to 127.0.0.1:80 (tcp)", "connect to [::ffff:7f00:1]:81 (tcp)"])
        #expect(denials.allSatisfy { $0.act.process > 0 && $0.time >= before && $0.time <= Clock.monotonic })
        #expect(denials.map { $0.act.members["hook"] } == ["connect4", "connect6"])
    }

    @Test("a descriptor of the ring is readable while something waits", .enabled(if: isRoot, "needs root: programs and cgroups"))
    func wakes() throws {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(Self.plan, to: leaf, pins: scratch.bpffs + "/pins")
        defer { EgressPrograms.remove(pins: programs.pins) }
        let maps = DenialMaps(pins: programs.pins)
        let ring = try maps.openRing()
        let reader = try RingBuffer(mapping: ring.number, bytes: try maps.bytes(of: ring))
        let loop = try EventLoop()
        var woken = 0
        try loop.register(ring.number, for: .readable) { _ in woken += 1 }
        try loop.turn(waiting: false)
        #expect(woken == 0)
        connect(leaf, port: 80)
        try loop.turn(waiting: true)
        #expect(woken == 1)
        while case .record = reader.next() {}
        reader.release()
        try loop.turn(waiting: false)
        #expect(woken == 1)
    }

    @Test("more than the ring has room for is denied, and counted as lost", .enabled(if: isRoot, "needs root: programs and cgroups"))
    func loses() throws {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(Self.plan, to: leaf, pins: scratch.bpffs + "/pins")
        defer { EgressPrograms.remove(pins: programs.pins) }
        let maps = DenialMaps(pins: programs.pins)
        for port in 1...90 { connect(leaf, port: UInt16(port)) }
        #expect(try counted(maps) == [90, 5])
        try maps.clear()
        #expect(try counted(maps) == [0, 0])
        connect(leaf, port: 91)
        #expect(try counted(maps) == [1, 0])
        let ring = try maps.openRing()
        let watcher = try RingBuffer(mapping: ring.number, bytes: try maps.bytes(of: ring), for: .watching)
        guard case .record(let content) = watcher.next() else { throw Errno.badMessage }
        #expect(KernelDenial(record: content)?.act.port == 91)
    }

    @Test("what must still be compared outlives the links", .enabled(if: isRoot, "needs root: programs and cgroups"))
    func outlives() throws {
        let scratch = try ScratchScope()
        let leaf = try scratch.scope.open(.server)
        let programs = try EgressPrograms.attach(Self.plan, to: leaf, pins: scratch.bpffs + "/pins")
        let maps = DenialMaps(pins: programs.pins)
        connect(leaf, port: 80)
        EgressPrograms.remove(pins: programs.pins, keepingCounts: true)
        #expect(try maps.counts().denied == 1)
        EgressPrograms.remove(pins: programs.pins)
        #expect(throws: Errno.noEntry) { _ = try maps.counts() }
        #expect(throws: Errno.noEntry) { _ = try WorkingDirectory().status(of: programs.pins) }
    }

    @Test("user space reads a record as the programs lay it out")
    func layout() throws {
        var wire = egress_denial()
        wire.time = 0x0102_0304_0506_0708
        wire.process = 0x1112_1314
        wire.thread = 0x2122_2324
        withUnsafeMutableBytes(of: &wire.address) { $0.copyBytes(from: 0x30...0x3f) }
        wire.port = 0x4142
        wire.hook = UInt8(EGRESS_HOOK_BIND6)
        wire.family = 10
        wire.protocol = 6
        wire.type = 1
        let bytes = withUnsafeBytes(of: wire) { Array($0) }
        let address = IPAddress.v6(high: 0x3031_3233_3435_3637, low: 0x3839_3a3b_3c3d_3e3f)
        let act = DeniedAct(hook: 6, process: 0x1112_1314, family: 10, protocolNumber: 6, type: 1, address: address, port: 0x4142)
        #expect(KernelDenial(record: bytes) == KernelDenial(time: 0x0102_0304_0506_0708, act: act))
        #expect(KernelDenial(record: bytes + [1, 2, 3]) == KernelDenial(record: bytes))
        #expect(KernelDenial(record: bytes.dropLast()) == nil)
    }

    @Test("a record of a file says which, and one that is cut off says none")
    func fileLayout() throws {
        var wire = execute_denial()
        wire.denial.time = 1
        wire.denial.process = 2
        wire.denial.hook = UInt8(EGRESS_HOOK_EXECUTE)
        wire.device = 0x0102_0304_0506_0708
        wire.inode = 0x1112_1314_1516_1718
        let name = Array("/tmp/a\u{1b}[2J`é".utf8) + [0xff]
        withUnsafeMutableBytes(of: &wire.name) { $0.copyBytes(from: name) }
        let bytes = withUnsafeBytes(of: wire) { Array($0) }
        let act = try #require(KernelDenial(record: bytes)).act
        let file = DeniedFile(path: "/tmp/a\u{1b}[2J`é\u{FFFD}", device: wire.device, inode: wire.inode)
        #expect(
            act
                == DeniedAct(
                    hook: 17, process: 2, family: 0, protocolNumber: 0, type: 0, address: .v6(high: 0, low: 0), port: 0, file: file))
        #expect(act.words == #"execute `/tmp/a\u{1B}[2J\u{60}\u{E9}\u{FFFD}`"#)
        #expect(act.members["path"]?.string == file.path && act.members["act"]?.string == "execution")
        #expect(act.members["inode"]?.string == "\(wire.device):\(wire.inode)")
        #expect(act.members["address"] == nil && act.members["family"] == nil)
        #expect(KernelDenial(record: bytes.dropLast())?.act.file == nil)
        wire.denial.hook = UInt8(EGRESS_HOOK_CONNECT4)
        #expect(KernelDenial(record: withUnsafeBytes(of: wire) { Array($0) })?.act.file == nil)
    }

    static let denying: [(Int32, ck_hook)] = [
        (EGRESS_HOOK_CONNECT4, CK_HOOK_CONNECT4), (EGRESS_HOOK_CONNECT6, CK_HOOK_CONNECT6), (EGRESS_HOOK_SENDMSG4, CK_HOOK_SENDMSG4),
        (EGRESS_HOOK_SENDMSG6, CK_HOOK_SENDMSG6), (EGRESS_HOOK_BIND4, CK_HOOK_BIND4), (EGRESS_HOOK_BIND6, CK_HOOK_BIND6),
        (EGRESS_HOOK_PACKET_OUT, CK_HOOK_EGRESS), (EGRESS_HOOK_UNIX_STREAM, CK_HOOK_UNIX_STREAM),
        (EGRESS_HOOK_UNIX_DATAGRAM, CK_HOOK_UNIX_DATAGRAM), (EGRESS_HOOK_UNIX_BIND, CK_HOOK_UNIX_BIND),
        (EGRESS_HOOK_UNIX_LISTEN, CK_HOOK_UNIX_LISTEN), (EGRESS_HOOK_SOCK_CREATE, CK_HOOK_SOCK_CREATE),
        (EGRESS_HOOK_CONNECT_UNIX, CK_HOOK_CONNECT_UNIX), (EGRESS_HOOK_SENDMSG_UNIX, CK_HOOK_SENDMSG_UNIX),
        (EGRESS_HOOK_RECEIVED_CONNECT, CK_HOOK_RECEIVED_CONNECT), (EGRESS_HOOK_RECEIVED_SEND, CK_HOOK_RECEIVED_SEND),
        (EGRESS_HOOK_EXECUTE, CK_HOOK_EXECUTE),
    ]

    @Test("each hook has the name of its program, and a row of a host profile", arguments: denying)
    func names(_ hook: Int32, _ program: ck_hook) throws {
        let act = DeniedAct(hook: UInt8(hook), process: 1, family: 2, protocolNumber: 17, type: 2, address: .v4(1), port: 1)
        let program = try #require(ck_egress_program(program))
        #expect(act.members["hook"]?.string == String(cString: program))
        #expect(act.members["mechanism"]?.string.flatMap(Mechanism.init(rawValue:)) != nil)
    }
}
