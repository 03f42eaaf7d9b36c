import CEscapes
import CKernel
import CLinux
import Glibc
import Testing

@Suite("the programs and UDP", .enabled(if: isRoot, "needs root: programs and network namespaces"), .serialized)
struct DatagramTests {
    typealias Bytes = [UInt8]
    static let loopback4 = EgressTests.loopback4
    static let loopback6 = EgressTests.loopback6
    static let own4 = EgressTests.own4
    static let device4 = EgressTests.v4(198, 51, 100, 1)
    static let unspecified4 = EgressTests.unspecified4
    static let unspecified6 = EgressTests.unspecified6
    static let port: UInt16 = 5353
    static let receivers = [loopback4, loopback6, own4, device4]

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var way = CE_SENDTO
        var permitted = [loopback4]
        let address: Bytes
        var other = unspecified6
        var fromIPv6 = false
        /// Which receiver gets the same datagram unconfined; `nil`: the packet leaves for `other`.
        let reaches: Bytes?
        let isPermitted: Bool
    }

    static let cases = [
        Case(testDescription: "listed", address: loopback4, reaches: loopback4, isPermitted: true),
        Case(testDescription: "not listed", address: own4, reaches: own4, isPermitted: false),
        Case(testDescription: "IPv6, listed", permitted: [loopback6], address: loopback6, reaches: loopback6, isPermitted: true),
        Case(testDescription: "IPv6, not listed", address: loopback6, reaches: loopback6, isPermitted: false),
        Case(testDescription: "mapped, listed", address: loopback4, fromIPv6: true, reaches: loopback4, isPermitted: true),
        Case(testDescription: "mapped, not listed", address: own4, fromIPv6: true, reaches: own4, isPermitted: false),
        Case(testDescription: "sendmsg", way: CE_SENDMSG, address: own4, reaches: own4, isPermitted: false),
        Case(testDescription: "sendmmsg", way: CE_SENDMMSG, address: own4, other: loopback4, reaches: own4, isPermitted: false),
        Case(testDescription: "connect, listed", way: CE_CONNECT, address: loopback4, reaches: loopback4, isPermitted: true),
        Case(testDescription: "connect, not listed", way: CE_CONNECT, address: own4, reaches: own4, isPermitted: false),
        Case(
            testDescription: "connect mapped, listed", way: CE_CONNECT, address: loopback4, fromIPv6: true, reaches: loopback4,
            isPermitted: true),
        Case(
            testDescription: "connect mapped, not listed", way: CE_CONNECT, address: own4, fromIPv6: true, reaches: own4, isPermitted: false
        ),
        Case(
            testDescription: "connected, and control data with each datagram", way: CE_CONNECT_WITH_CONTROL, address: loopback4,
            reaches: loopback4, isPermitted: true),
        Case(
            testDescription: "connected by IPv6, and control data", way: CE_CONNECT_WITH_CONTROL, permitted: [loopback6],
            address: loopback6, reaches: loopback6, isPermitted: true),
        Case(
            testDescription: "connected to a mapped one, and control data", way: CE_CONNECT_WITH_CONTROL, address: loopback4,
            fromIPv6: true, reaches: loopback4, isPermitted: true),
        Case(
            testDescription: "connected to one that is not listed, and control data", way: CE_CONNECT_WITH_CONTROL, address: own4,
            reaches: own4, isPermitted: false),
        Case(
            testDescription: "connected to a listed one, sent to another", way: CE_CONNECTED_TO_OTHER, address: own4, other: loopback4,
            reaches: own4, isPermitted: false),
        Case(
            testDescription: "disconnected, sent to another", way: CE_DISCONNECTED, address: own4, other: loopback4, reaches: own4,
            isPermitted: false),
        Case(testDescription: "AF_UNSPEC in the name", way: CE_UNSPECIFIED_FAMILY, address: own4, reaches: own4, isPermitted: false),
        Case(
            testDescription: "AF_UNSPEC in the name, listed", way: CE_UNSPECIFIED_FAMILY, address: loopback4, reaches: loopback4,
            isPermitted: true),
        Case(testDescription: "IPv4 name on IPv6", way: CE_IPV4_NAME_ON_IPV6, address: own4, reaches: own4, isPermitted: false),
        Case(
            testDescription: "the second half of a corked datagram names nobody", way: CE_CORKED, address: own4, other: loopback4,
            reaches: loopback4, isPermitted: true),
        Case(testDescription: "0.0.0.0 is loopback", address: unspecified4, reaches: loopback4, isPermitted: true),
        Case(
            testDescription: "0.0.0.0, loopback not listed", permitted: [own4], address: unspecified4, reaches: loopback4,
            isPermitted: false),
        Case(
            testDescription: "0.0.0.0 mapped, loopback not listed", permitted: [own4], address: unspecified4, fromIPv6: true,
            reaches: loopback4, isPermitted: false),
        Case(
            testDescription: "0.0.0.0 from a source given with the message is that source", way: CE_FROM_SOURCE, address: unspecified4,
            other: device4, reaches: device4, isPermitted: false),
        Case(
            testDescription: "0.0.0.0 from such a source, which is listed", way: CE_FROM_SOURCE, permitted: [device4],
            address: unspecified4,
            other: device4, reaches: device4, isPermitted: true),
        Case(
            testDescription: "0.0.0.0 by a device given with the message is its address", way: CE_BY_DEVICE, address: unspecified4,
            reaches: device4, isPermitted: false),
        Case(
            testDescription: "0.0.0.0 by the socket's own device is its address", way: CE_UNICAST_DEVICE, address: unspecified4,
            reaches: device4, isPermitted: false),
        Case(
            testDescription: "connect to 0.0.0.0 by the socket's own device is its address", way: CE_UNICAST_DEVICE_CONNECT,
            address: unspecified4, reaches: device4, isPermitted: false),
        Case(testDescription: ":: is ::1", permitted: [loopback6], address: unspecified6, reaches: loopback6, isPermitted: true),
        Case(testDescription: ":: is not 127.0.0.1", address: unspecified6, reaches: loopback6, isPermitted: false),
        Case(
            testDescription: "connect to :: is ::1", way: CE_CONNECT, permitted: [loopback6], address: unspecified6, reaches: loopback6,
            isPermitted: true),
        Case(
            testDescription: "connect to ::, ::1 not listed", way: CE_CONNECT, address: unspecified6, reaches: loopback6, isPermitted: false
        ),
        Case(
            testDescription: "a source given with the message is no destination", way: CE_FROM_SOURCE, address: own4, other: loopback4,
            reaches: own4, isPermitted: false),
    ]

    private static func send(_ testCase: Case, protocol number: UInt32 = 0, cgroup: Int32) throws -> ce_reached {
        var datagram = ce_datagram()
        datagram.way = testCase.way
        datagram.protocol = number
        withUnsafeMutableBytes(of: &datagram.address) { $0.copyBytes(from: testCase.address) }
        withUnsafeMutableBytes(of: &datagram.other) { $0.copyBytes(from: testCase.other) }
        datagram.port = port
        datagram.from_ipv6 = testCase.fromIPv6 ? 1 : 0
        var reached = ce_reached()
        try require(ce_send(cgroup, &datagram, receivers.flatMap { $0 }, Int32(receivers.count), &reached), "ce_send")
        return reached
    }

    private static func index(_ address: Bytes?) -> Int32 {
        address.map { Int32(receivers.firstIndex(of: $0) ?? -1) } ?? Int32(CE_WENT_TO_OTHER)
    }

    private static func keys(_ addresses: [Bytes]) -> [egress_endpoint] { addresses.map { TestEgress.key($0, port, protocol: 17) } }

    @Test("a datagram is judged by where it goes", arguments: cases)
    func judgesDestination(_ testCase: Case) throws {
        let control = try Self.send(testCase, cgroup: -1)
        #expect(control.error == 0)
        #expect(control.listener == Self.index(testCase.reaches))
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(
            cgroup: cgroup.directory("server"), keys: Self.keys(testCase.permitted), mode: UInt8(EGRESS_NONE), udp: UInt8(EGRESS_LIST))
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let confined = try Self.send(testCase, cgroup: leaf)
        #expect(confined.error == (testCase.isPermitted ? 0 : EPERM))
        #expect(confined.listener == (testCase.isPermitted ? Self.index(testCase.reaches) : -1))
        withExtendedLifetime(egress) {}
    }

    static let sourceRoute = Case(
        testDescription: "an IPv4 source route", way: CE_SOURCE_ROUTE, address: loopback4, other: device4, reaches: nil, isPermitted: false)
    static let routingHeader = Case(
        testDescription: "an IPv6 routing header", way: CE_ROUTING_HEADER, permitted: [loopback6], address: loopback6,
        other: SelfTestTests.v6, fromIPv6: true, reaches: nil, isPermitted: false)

    /// Control data lies behind a pointer, where no filter of system calls sees it.
    private static func isTaken(_ route: Case) -> Bool { isRoot && (try? send(route, cgroup: -1).error) != EINVAL }

    @Test(
        "a source route given with the message sends the packet elsewhere than was said, and is stopped where packets leave",
        .enabled(if: isTaken(sourceRoute), "source routes are a privilege on this kernel"))
    func stopsSourceRoutes() throws { try checkStopped(Self.sourceRoute) }

    @Test(
        "a routing header given with the message sends the packet elsewhere than was said, and is stopped where packets leave",
        .enabled(if: isTaken(routingHeader), "mobile IPv6 is not built into this kernel"))
    func stopsRoutingHeaders() throws { try checkStopped(Self.routingHeader) }

    private func checkStopped(_ testCase: Case) throws {
        let control = try Self.send(testCase, cgroup: -1)
        #expect(control.error == 0)
        #expect(control.listener == Int32(CE_WENT_TO_OTHER))
        let cgroup = try ScratchCgroup()
        // Even where both are listed: such a packet has two destinations, and the second is known to the first alone.
        let keys = Self.keys(testCase.permitted + [testCase.other])
        let egress = try TestEgress(cgroup: cgroup.directory("server"), keys: keys, mode: UInt8(EGRESS_NONE), udp: UInt8(EGRESS_LIST))
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let confined = try Self.send(testCase, cgroup: leaf)
        #expect(confined.error == EPERM)
        #expect(confined.listener == -1)
        #expect(try egress.denials().map(\.hook) == [UInt8(EGRESS_HOOK_PACKET_OUT)])
    }

    @Test("UDP-Lite stays denied where UDP is permitted", arguments: [UInt8(EGRESS_LIST), UInt8(EGRESS_ANY)])
    func deniesOtherProtocols(_ mode: UInt8) throws {
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(
            cgroup: cgroup.directory("server"), keys: Self.keys([Self.loopback4]), mode: UInt8(EGRESS_ANY), udp: mode)
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        #expect(try Self.send(Self.cases[0], protocol: 136, cgroup: leaf).error == EPERM)
        #expect(try Self.send(Self.cases[0], protocol: 17, cgroup: leaf).error == 0)
        withExtendedLifetime(egress) {}
    }

    @Test("what TCP may is not what UDP may")
    func keepsProtocolsApart() throws {
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(
            cgroup: cgroup.directory("server"), keys: [TestEgress.key(Self.loopback4, Self.port)], mode: UInt8(EGRESS_LIST),
            udp: UInt8(EGRESS_LIST))
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        #expect(try Self.send(Self.cases[0], cgroup: leaf).error == EPERM)
        withExtendedLifetime(egress) {}
    }

    @Test("a network of addresses permits datagrams as it permits connections")
    func regions() throws {
        let cgroup = try ScratchCgroup()
        var key = egress_region()
        key.prefix = 104
        withUnsafeMutableBytes(of: &key.address) { $0.copyBytes(from: EgressTests.v4(10, 0, 0, 0)) }
        var set = egress_port_set()
        set.count = 1
        set.ranges.0 = egress_port_range(first: Self.port, last: Self.port + 1)
        let egress = try TestEgress(
            cgroup: cgroup.directory("server"), keys: [], mode: UInt8(EGRESS_NONE), udp: UInt8(EGRESS_LIST), udpRegions: [(key, set)])
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        #expect(try Self.send(Self.cases[1], cgroup: leaf).error == 0)
        #expect(try Self.send(Self.cases[0], cgroup: leaf).error == EPERM)
        withExtendedLifetime(egress) {}
    }

    @Test("datagrams of whom the session may not send to do not reach it", arguments: [false, true])
    func hearsOnlyPeers(isConnected: Bool) throws {
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(
            cgroup: cgroup.directory("server"), keys: Self.keys([Self.loopback4]), mode: UInt8(EGRESS_NONE), udp: UInt8(EGRESS_LIST))
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        var error: Int32 = -1
        // The control: unconfined and unconnected, the stranger is heard.
        try require(ce_hears(-1, Self.loopback4, Self.own4, Self.port, isConnected ? 1 : 0, &error), "ce_hears")
        #expect(error == (isConnected ? 0 : EPERM))
        try require(ce_hears(leaf, Self.loopback4, Self.own4, Self.port, isConnected ? 1 : 0, &error), "ce_hears")
        #expect(error == 0)
        #expect(try egress.counters().unheard == (isConnected ? 0 : 1))
        #expect(try egress.denials().isEmpty)
    }
}
