import CEscapes
import CKernel
import CLinux
import Glibc
import Testing

@Suite("the egress programs", .enabled(if: isRoot, "needs root: programs and network namespaces"), .serialized)
struct EgressTests {
    static func v4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> [UInt8] { SelfTestTests.v4(a, b, c, d) }
    static let loopback4 = v4(127, 0, 0, 1)
    static let loopback6: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]
    static let unspecified4 = v4(0, 0, 0, 0)
    static let unspecified6 = [UInt8](repeating: 0, count: 16)
    static let own4 = v4(10, 1, 1, 1)
    static let port: UInt16 = 8443

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let permitted: [UInt8]
        let address: [UInt8]
        var bound: [UInt8]?
        var fromIPv6 = false
        var onDevice = false
        /// Which listener the same attempt reaches unconfined.
        let reaches: [UInt8]
        let isPermitted: Bool
    }

    static let cases = [
        Case(testDescription: "listed", permitted: loopback4, address: loopback4, reaches: loopback4, isPermitted: true),
        Case(testDescription: "not listed", permitted: loopback4, address: own4, reaches: own4, isPermitted: false),
        Case(
            testDescription: "mapped, listed", permitted: loopback4, address: loopback4, fromIPv6: true, reaches: loopback4,
            isPermitted: true),
        Case(testDescription: "mapped, not listed", permitted: loopback4, address: own4, fromIPv6: true, reaches: own4, isPermitted: false),
        Case(testDescription: "0.0.0.0 is loopback", permitted: loopback4, address: unspecified4, reaches: loopback4, isPermitted: true),
        Case(
            testDescription: "0.0.0.0, loopback not listed", permitted: own4, address: unspecified4, reaches: loopback4, isPermitted: false),
        Case(
            testDescription: "0.0.0.0 from a bound socket is its own address", permitted: loopback4, address: unspecified4, bound: own4,
            reaches: own4,
            isPermitted: false),
        Case(
            testDescription: "0.0.0.0 from a bound socket, that address listed", permitted: own4, address: unspecified4, bound: own4,
            reaches: own4,
            isPermitted: true),
        Case(
            testDescription: "0.0.0.0 from a socket bound to a device is not known", permitted: loopback4, address: unspecified4,
            onDevice: true,
            reaches: loopback4, isPermitted: false),
        Case(
            testDescription: "::ffff:0.0.0.0 from a bound socket", permitted: loopback4, address: unspecified4, bound: own4, fromIPv6: true,
            reaches: own4,
            isPermitted: false),
        Case(testDescription: ":: is ::1", permitted: loopback6, address: unspecified6, reaches: loopback6, isPermitted: true),
        Case(testDescription: ":: is not 127.0.0.1", permitted: loopback4, address: unspecified6, reaches: loopback6, isPermitted: false),
        Case(
            testDescription: ":: from a socket bound to a mapped address is 127.0.0.1", permitted: loopback6, address: unspecified6,
            bound: loopback4,
            fromIPv6: true, reaches: loopback4, isPermitted: false),
        Case(
            testDescription: ":: from such a socket, 127.0.0.1 listed", permitted: loopback4, address: unspecified6, bound: loopback4,
            fromIPv6: true,
            reaches: loopback4, isPermitted: true),
    ]

    private static func attempt(_ testCase: Case, cgroup: Int32) throws -> ce_reached {
        let listeners = [loopback4, loopback6, own4]
        var attempt = ce_attempt()
        withUnsafeMutableBytes(of: &attempt.address) { $0.copyBytes(from: testCase.address) }
        if let bound = testCase.bound { withUnsafeMutableBytes(of: &attempt.bound) { $0.copyBytes(from: bound) } }
        attempt.port = port
        attempt.binds = testCase.bound == nil ? 0 : 1
        attempt.from_ipv6 = testCase.fromIPv6 ? 1 : 0
        attempt.on_device = testCase.onDevice ? 1 : 0
        var reached = ce_reached()
        try require(ce_connect(cgroup, &attempt, listeners.flatMap { $0 }, Int32(listeners.count), &reached), "ce_connect")
        return reached
    }

    private static func index(_ address: [UInt8]) -> Int32 { Int32([loopback4, loopback6, own4].firstIndex(of: address) ?? -1) }

    @Test("an address is judged by where the kernel goes", arguments: cases)
    func judgesDestination(_ testCase: Case) throws {
        let control = try Self.attempt(testCase, cgroup: -1)
        #expect(control.error == 0)
        #expect(control.listener == Self.index(testCase.reaches))
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(cgroup: cgroup.directory("server"), permitted: [(testCase.permitted, Self.port)])
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let confined = try Self.attempt(testCase, cgroup: leaf)
        #expect(confined.error == (testCase.isPermitted ? 0 : EPERM))
        #expect(confined.listener == (testCase.isPermitted ? Self.index(testCase.reaches) : -1))
        withExtendedLifetime(egress) {}
    }

    /// Such a socket has no address of its own, whatever it is bound to, and goes to loopback.
    @Test(
        "0.0.0.0 from a socket bound to a group or broadcast address is not loopback, where that is not listed",
        arguments: [v4(224, 0, 0, 1), v4(255, 255, 255, 255), v4(127, 255, 255, 255)])
    func judgesBroadcast(_ bound: [UInt8]) throws {
        let attempt = Case(
            testDescription: "", permitted: bound, address: Self.unspecified4, bound: bound, reaches: Self.loopback4, isPermitted: false)
        let control = try Self.attempt(attempt, cgroup: -1)
        #expect(control.error == 0)
        #expect(control.listener == Self.index(Self.loopback4))
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(cgroup: cgroup.directory("server"), permitted: [(bound, Self.port)])
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let confined = try Self.attempt(attempt, cgroup: leaf)
        #expect(confined.error != 0)
        #expect(confined.listener == -1)
        withExtendedLifetime(egress) {}
    }

    struct RuleCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let mode: Int32
        let keys: [(address: [UInt8], port: UInt16, wildcard: Int32)]
        let isPermitted: Bool
    }

    static let ruleCases = [
        RuleCase(testDescription: "none", mode: EGRESS_NONE, keys: [(loopback4, port, 0)], isPermitted: false),
        RuleCase(testDescription: "any", mode: EGRESS_ANY, keys: [], isPermitted: true),
        RuleCase(testDescription: "an empty list", mode: EGRESS_LIST, keys: [], isPermitted: false),
        RuleCase(testDescription: "any address", mode: EGRESS_LIST, keys: [(unspecified6, port, EGRESS_ANY_ADDRESS)], isPermitted: true),
        RuleCase(
            testDescription: "any address, other port", mode: EGRESS_LIST, keys: [(unspecified6, 1, EGRESS_ANY_ADDRESS)], isPermitted: false
        ),
        RuleCase(testDescription: "any port", mode: EGRESS_LIST, keys: [(loopback4, 0, EGRESS_ANY_PORT)], isPermitted: true),
        RuleCase(testDescription: "any port, other address", mode: EGRESS_LIST, keys: [(own4, 0, EGRESS_ANY_PORT)], isPermitted: false),
        RuleCase(testDescription: "an unknown mode", mode: 77, keys: [(loopback4, port, 0)], isPermitted: false),
    ]

    @Test("modes and wildcards permit what they say", arguments: ruleCases)
    func permits(_ testCase: RuleCase) throws {
        let cgroup = try ScratchCgroup()
        let keys = testCase.keys.map { TestEgress.key($0.address, $0.port, wildcard: UInt8($0.wildcard)) }
        let egress = try TestEgress(cgroup: cgroup.directory("server"), keys: keys, mode: UInt8(testCase.mode))
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let attempt = Case(
            testDescription: "", permitted: [], address: Self.loopback4, reaches: Self.loopback4, isPermitted: testCase.isPermitted)
        #expect(try Self.attempt(attempt, cgroup: leaf).error == (testCase.isPermitted ? 0 : EPERM))
        withExtendedLifetime(egress) {}
    }

    struct RegionCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Address, bits, and the ranges of ports that are permitted there.
        let regions: [(address: [UInt8], prefix: UInt32, ports: [(UInt16, UInt16)])]
        var address = own4
        let isPermitted: Bool
    }

    static let ten = v4(10, 0, 0, 0)
    static let regionCases = [
        RegionCase(testDescription: "in a network", regions: [(ten, 104, [(port, port)])], isPermitted: true),
        RegionCase(testDescription: "in a network, other port", regions: [(ten, 104, [(port + 1, 65_535)])], isPermitted: false),
        RegionCase(testDescription: "in the second range", regions: [(ten, 104, [(1, 22), (8_000, 9_000)])], isPermitted: true),
        RegionCase(testDescription: "at the first port of a range", regions: [(ten, 104, [(port, 9_000)])], isPermitted: true),
        RegionCase(testDescription: "at the last port of a range", regions: [(ten, 104, [(1, port)])], isPermitted: true),
        RegionCase(testDescription: "between two ranges", regions: [(ten, 104, [(1, port - 1), (port + 1, 65_535)])], isPermitted: false),
        RegionCase(testDescription: "outside of every network", regions: [(v4(11, 0, 0, 0), 104, [(0, 65_535)])], isPermitted: false),
        RegionCase(
            testDescription: "in a hole of a network", regions: [(ten, 104, [(0, 65_535)]), (v4(10, 1, 0, 0), 112, [])], isPermitted: false),
        RegionCase(
            testDescription: "in a network within a hole",
            regions: [(ten, 104, [(0, 65_535)]), (v4(10, 1, 0, 0), 112, []), (own4, 128, [(port, port)])], isPermitted: true),
        RegionCase(testDescription: "everywhere", regions: [(unspecified6, 0, [(port, port)])], isPermitted: true),
        RegionCase(
            testDescription: "everywhere in IPv6, asked for IPv4", regions: [(unspecified6, 0, [(port, port)]), (v4(0, 0, 0, 0), 96, [])],
            isPermitted: false),
        RegionCase(
            testDescription: "everywhere in IPv6, asked for IPv6", regions: [(unspecified6, 0, [(port, port)]), (v4(0, 0, 0, 0), 96, [])],
            address: loopback6, isPermitted: true),
    ]

    @Test("an address has what its longest prefix permits, and nothing else", arguments: regionCases)
    func judgesRegions(_ testCase: RegionCase) throws {
        let cgroup = try ScratchCgroup()
        let regions = testCase.regions.map { region in
            var key = egress_region()
            key.prefix = region.prefix
            withUnsafeMutableBytes(of: &key.address) { $0.copyBytes(from: region.address) }
            var set = egress_port_set()
            set.count = UInt32(region.ports.count)
            withUnsafeMutableBytes(of: &set.ranges) { bytes in
                let ranges = bytes.bindMemory(to: egress_port_range.self)
                for (index, ports) in region.ports.enumerated() { ranges[index] = egress_port_range(first: ports.0, last: ports.1) }
            }
            return (key, set)
        }
        let egress = try TestEgress(cgroup: cgroup.directory("server"), keys: [], mode: UInt8(EGRESS_LIST), regions: regions)
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let attempt = Case(
            testDescription: "", permitted: [], address: testCase.address, reaches: testCase.address, isPermitted: testCase.isPermitted)
        let reached = try Self.attempt(attempt, cgroup: leaf)
        #expect(reached.error == (testCase.isPermitted ? 0 : EPERM))
        #expect(reached.listener == (testCase.isPermitted ? Self.index(testCase.address) : -1))
        withExtendedLifetime(egress) {}
    }

    @Test("a denial is told of in the ring buffer, and a full one changes no verdict")
    func tellsDenials() throws {
        let cgroup = try ScratchCgroup()
        let egress = try TestEgress(cgroup: cgroup.directory("server"), permitted: [])
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let attempt = Case(testDescription: "", permitted: [], address: Self.own4, reaches: Self.own4, isPermitted: false)
        for _ in 0..<120 { #expect(try Self.attempt(attempt, cgroup: leaf).error == EPERM) }
        let counters = try egress.counters()
        #expect(counters.denied == 120)
        let denials = try egress.denials()
        #expect(counters.lost == 120 - UInt64(denials.count))
        #expect(denials.count == Int(EGRESS_RING_BYTES) / 48)
        let first = try #require(denials.first)
        #expect(first.hook == EGRESS_HOOK_CONNECT4)
        #expect(first.family == 2 && first.protocol == 6 && first.type == 1)
        #expect(first.port == Self.port)
        #expect(withUnsafeBytes(of: first.address) { Array($0) } == Self.own4)
    }

    @Test("the list is frozen, and its links are seen as effective and can be swapped")
    func linksAndPins() throws {
        let cgroup = try ScratchCgroup()
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let egress = try TestEgress(cgroup: cgroup.directory("server"), permitted: [(Self.loopback4, Self.port)])
        let other = try TestEgress(cgroup: cgroup.directory("gate"), permitted: [])
        let map = try require(ck_bpf_map(egress.object, ck_egress_endpoints), "map")
        defer { close(map) }
        #expect(ck_bpf_map_is_frozen(map) == 1)
        let key = [TestEgress.key(Self.own4, 1)]
        #expect(ck_bpf_fill(egress.object, ck_egress_endpoints, key, [1 as UInt8], 1) == -EPERM)
        var ids = [UInt32](repeating: 0, count: 4)
        #expect(ck_bpf_effective(leaf, CK_HOOK_CONNECT4, &ids, 4) == 1)
        #expect(Int64(ids[0]) == ck_bpf_link_program_id(egress.links[0]))
        let program = try require(ck_bpf_program(other.object, "connect4"), "program")
        defer { close(program) }
        #expect(ck_bpf_link_replace(egress.links[0], program) == 0)
        #expect(ck_bpf_effective(leaf, CK_HOOK_CONNECT4, &ids, 4) == 1)
        #expect(Int64(ids[0]) == ck_bpf_program_id(program))
        let attempt = Self.cases[0]
        #expect(try Self.attempt(attempt, cgroup: leaf).error == EPERM)
    }

    @Test("a pinned link goes on without its loader, until it is detached")
    func pins() throws {
        let cgroup = try ScratchCgroup()
        let leaf = cgroup.directory("server")
        defer { close(leaf) }
        let directory = "/tmp/sandboxd-test-bpf-\(getpid())-\(clx_monotonic_nanoseconds())"
        try require(mkdir(directory, 0o700), "mkdir")
        try require(clx_mount_bpffs(directory), "mount")
        defer {
            _ = clx_unmount(directory)
            rmdir(directory)
        }
        var ids = [UInt32](repeating: 0, count: 4)
        do {
            let egress = try TestEgress(cgroup: cgroup.directory("server"), permitted: [])
            #expect(ck_bpf_pin(egress.links[0], directory + "/connect4") == 0)
            #expect(ck_bpf_pin(egress.links[1], directory + "/connect4") == -EEXIST)
        }
        #expect(ck_bpf_effective(leaf, CK_HOOK_CONNECT4, &ids, 4) == 1)
        #expect(ck_bpf_effective(leaf, CK_HOOK_CONNECT6, &ids, 4) == 0)
        let link = try require(ck_bpf_open_pin(directory + "/connect4"), "ck_bpf_open_pin")
        #expect(ck_bpf_link_cgroup_id(link) > 0)
        // Without its pin a link goes too, but by a work queue of the kernel, some time later.
        #expect(ck_bpf_link_detach(link) == 0)
        #expect(ck_bpf_effective(leaf, CK_HOOK_CONNECT4, &ids, 4) == 0)
        close(link)
        #expect(unlink(directory + "/connect4") == 0)
        #expect(ck_bpf_open_pin(directory + "/connect4") == -ENOENT)
    }

    @Test("one end of a datagram socketpair reaches outsiders, one of a stream or packet pair does not")
    func pairs() {
        #expect(ce_pair_reaches_outsider(Int32(SOCK_DGRAM.rawValue)) == 1)
        #expect(ce_pair_reaches_outsider(Int32(SOCK_RAW.rawValue)) == 1)
        #expect(ce_pair_reaches_outsider(Int32(SOCK_STREAM.rawValue)) < 0)
        #expect(ce_pair_reaches_outsider(Int32(SOCK_SEQPACKET.rawValue)) < 0)
    }

    /// Why setsockopt(IPPROTO_IPV6, IPV6_RTHDR) has to be denied where addresses matter: the hook sees the address, the packet goes elsewhere.
    @Test("a routing header set by an unprivileged process sends packets elsewhere than connect was told")
    func routingHeader() throws {
        let via: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0xde, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x66]
        var seen = [UInt8](repeating: 0, count: 16)
        let result = ce_routed_destination(12345, SelfTestTests.v6, via, &seen)
        guard result != -ENOTSUP else { return }
        #expect(result == 0)
        #expect(seen == via)
    }
}
