import CKernel
import CLinux
import Glibc

/// The egress programs on a cgroup, with a list of permitted endpoints, until it goes.
final class TestEgress {
    /// The one that is filled; others use its maps.
    let object: OpaquePointer
    private var others: [OpaquePointer] = []
    private(set) var links: [Int32] = []

    convenience init(cgroup: Int32, permitted: [(address: [UInt8], port: UInt16)]) throws {
        try self.init(cgroup: cgroup, keys: permitted.map { TestEgress.key($0.address, $0.port) }, mode: UInt8(EGRESS_LIST))
    }

    /// Takes the directory over.
    init(
        cgroup: Int32, keys: [egress_endpoint], mode: UInt8, udp: UInt8 = UInt8(EGRESS_NONE), listen: UInt8 = UInt8(EGRESS_NONE),
        regions: [(egress_region, egress_port_set)] = [], udpRegions: [(egress_region, egress_port_set)] = []
    ) throws {
        object = try TestEgress.open("egress")
        defer { close(cgroup) }
        var hooks = TestEgress.hooks
        if udp == UInt8(EGRESS_LIST) { hooks += [CK_HOOK_EGRESS, CK_HOOK_INGRESS] }
        if listen != UInt8(EGRESS_NONE) { hooks += [CK_HOOK_BIND4, CK_HOOK_BIND6] }
        if listen != UInt8(EGRESS_NONE), udp != UInt8(EGRESS_LIST) { hooks.append(CK_HOOK_INGRESS) }
        var rules = egress_rules()
        rules.tcp = mode
        rules.udp = udp
        rules.listen = listen
        rules.has_regions = regions.isEmpty ? 0 : 1
        rules.has_udp_regions = udpRegions.isEmpty ? 0 : 1
        try require(ck_bpf_set_constants(object, &rules, MemoryLayout<egress_rules>.size), "ck_bpf_set_constants")
        try require(ck_bpf_set_capacity(object, ck_egress_endpoints, UInt32(max(1, keys.count))), "ck_bpf_set_capacity")
        try require(ck_bpf_set_capacity(object, ck_egress_regions, UInt32(max(1, regions.count))), "regions")
        try require(ck_bpf_set_capacity(object, ck_egress_udp_regions, UInt32(max(1, udpRegions.count))), "UDP regions")
        let sets = regions + udpRegions
        try require(ck_bpf_set_capacity(object, ck_egress_port_sets, UInt32(max(1, sets.count))), "port sets")
        try TestEgress.load(object, "egress", hooks)
        let values = [UInt8](repeating: 1, count: keys.count)
        try require(ck_bpf_fill(object, ck_egress_endpoints, keys, values, UInt32(keys.count)), "ck_bpf_fill")
        try require(ck_bpf_freeze(object, ck_egress_endpoints), "ck_bpf_freeze")
        let indices = sets.indices.map { UInt32($0) }
        try require(ck_bpf_fill(object, ck_egress_port_sets, indices, sets.map(\.1), UInt32(sets.count)), "fill port sets")
        try require(ck_bpf_fill(object, ck_egress_regions, regions.map(\.0), indices, UInt32(regions.count)), "fill regions")
        let udpIndices = Array(indices[regions.count...])
        try require(ck_bpf_fill(object, ck_egress_udp_regions, udpRegions.map(\.0), udpIndices, UInt32(udpRegions.count)), "UDP regions")
        try require(ck_bpf_freeze(object, ck_egress_port_sets), "freeze port sets")
        try require(ck_bpf_freeze(object, ck_egress_regions), "freeze regions")
        if hooks.contains(where: { TestEgress.name(of: $0) == "packets" }) { others.append(try packets(hooks, rules)) }
        for hook in hooks {
            let program = try required(ck_egress_program(hook), "program")
            let holder = TestEgress.name(of: hook) == "egress" ? object : others[0]
            links.append(try require(ck_bpf_attach(holder, program, cgroup), "ck_bpf_attach"))
        }
    }

    private static func name(of hook: ck_hook) -> String { ck_egress_object(hook).map { String(cString: $0) } ?? "" }

    private static func open(_ name: String) throws -> OpaquePointer {
        let bytes = EmbeddedBPF.bytes(of: name) ?? []
        var failure: Int32 = 0
        return try required(ck_bpf_open(bytes, bytes.count, "test", nil, 0, &failure), "ck_bpf_open: \(failure)")
    }

    private static func load(_ object: OpaquePointer, _ name: String, _ hooks: [ck_hook]) throws {
        for hook in hooks where self.name(of: hook) == name {
            try require(ck_bpf_want(object, try required(ck_egress_program(hook), "program")), "ck_bpf_want")
        }
        try require(ck_bpf_load(object), "ck_bpf_load")
    }

    /// Judges packets by the same maps.
    private func packets(_ hooks: [ck_hook], _ rules: egress_rules) throws -> OpaquePointer {
        let packets = try TestEgress.open("packets")
        var rules = rules
        try require(ck_bpf_set_constants(packets, &rules, MemoryLayout<egress_rules>.size), "ck_bpf_set_constants")
        for name in [
            ck_egress_endpoints, ck_egress_regions, ck_egress_udp_regions, ck_egress_listen_regions, ck_egress_port_sets,
            ck_egress_denials, ck_egress_counters,
        ] {
            let map = try require(ck_bpf_map(object, name), "map")
            defer { close(map) }
            try require(ck_bpf_reuse(packets, name, map), "ck_bpf_reuse")
        }
        try TestEgress.load(packets, "packets", hooks)
        return packets
    }

    deinit {
        links.forEach { close($0) }
        others.forEach { ck_bpf_close($0) }
        ck_bpf_close(object)
    }

    static let hooks = [CK_HOOK_CONNECT4, CK_HOOK_CONNECT6, CK_HOOK_SENDMSG4, CK_HOOK_SENDMSG6]

    static func key(_ address: [UInt8], _ port: UInt16, wildcard: UInt8 = 0, protocol number: UInt8 = 6) -> egress_endpoint {
        var key = egress_endpoint()
        withUnsafeMutableBytes(of: &key.address) { $0.copyBytes(from: address) }
        key.port = port
        key.protocol = number
        key.wildcard = wildcard
        return key
    }

    func counters() throws -> egress_counters {
        let map = try require(ck_bpf_map(object, ck_egress_counters), "map")
        defer { close(map) }
        var key: UInt32 = 0
        var counters = egress_counters()
        try require(ck_bpf_lookup(map, &key, &counters), "lookup")
        return counters
    }

    /// What waits in the ring buffer; it is not taken.
    func denials() throws -> [egress_denial] {
        let map = try require(ck_bpf_map(object, ck_egress_denials), "map")
        defer { close(map) }
        let page = clx_page_size()
        var mapped: UnsafeMutableRawPointer?
        try require(clx_map_shared(map, UInt64(page), page + 2 * Int(EGRESS_RING_BYTES), 0, &mapped), "mmap")
        let ring = try required(mapped, "mapping")
        defer { clx_unmap(ring, page + 2 * Int(EGRESS_RING_BYTES)) }
        let produced = clx_load_acquire_64(ring)
        var denials: [egress_denial] = []
        var position: UInt64 = 0
        while position < produced {
            let record = ring + page + Int(position % UInt64(EGRESS_RING_BYTES))
            let length = UInt64(record.load(as: UInt32.self))
            denials.append(record.load(fromByteOffset: 8, as: egress_denial.self))
            position += (length + 8 + 7) / 8 * 8
        }
        return denials
    }
}
