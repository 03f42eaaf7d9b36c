import CKernel
import Descriptors
import KernelPlan
import Policy

/// A plan's endpoints in the form of the maps (`bpf/egress.h`).
struct EgressMaps {
    /// A trie's content: regions, and for each the index of its set of ports.
    struct Trie {
        var regions: [egress_region] = []
        var sets: [UInt32] = []
    }

    /// Of both protocols and both directions: the key says which.
    var endpoints: [egress_endpoint] = []
    var tcp = Trie()
    var udp = Trie()
    var listen = Trie()
    /// Each set once, however many regions have it.
    var portSets: [egress_port_set] = []

    private var known: [[ClosedRange<UInt16>]: UInt32] = [:]

    init(_ plan: CgroupPlan) {
        tcp = add(plan.tcp, protocol: 6)
        udp = add(plan.udp, protocol: 17)
        listen = add(plan.own, protocol: 6, side: UInt8(EGRESS_OWN))
    }

    private mutating func add(_ permitted: CgroupPlan.Endpoints, protocol number: UInt8, side: UInt8 = 0) -> Trie {
        switch permitted {
        case .none, .any: return Trie()
        case .list(let table):
            endpoints += table.entries.map { egress_endpoint($0, protocol: number, side: side) }
            return Trie(regions: table.regions.map(egress_region.init), sets: table.regions.map { index(of: $0.ports) })
        }
    }

    private mutating func index(of ports: [ClosedRange<UInt16>]) -> UInt32 {
        if let index = known[ports] { return index }
        let index = UInt32(portSets.count)
        known[ports] = index
        portSets.append(egress_port_set(ports))
        return index
    }
}

extension EgressMaps {
    /// The maps that are filled and frozen, and that sessions with the same lists share.
    static let names = [ck_egress_endpoints, ck_egress_regions, ck_egress_udp_regions, ck_egress_listen_regions, ck_egress_port_sets]
        .map { String(cString: $0) }

    func setCapacities(_ object: ProgramObject) throws(Errno) {
        for (name, count) in zip(Self.names, [endpoints.count, tcp.regions.count, udp.regions.count, listen.regions.count, portSets.count])
        {
            try object.setCapacity(name, count)
        }
    }

    func fill(_ object: ProgramObject) throws(Errno) {
        let names = Self.names
        try object.fill(names[0], endpoints, [UInt8](repeating: 1, count: endpoints.count))
        try object.fill(names[1], tcp.regions, tcp.sets)
        try object.fill(names[2], udp.regions, udp.sets)
        try object.fill(names[3], listen.regions, listen.sets)
        try object.fill(names[4], portSets.indices.map { UInt32($0) }, portSets)
    }
}

extension CgroupPlan {
    /// What is frozen into the programs.
    func rules(_ connections: ConnectionRules) -> egress_rules {
        var rules = egress_rules()
        rules.marks = connections.areMarked ? 1 : 0
        rules.flows = connections.areJudged ? 1 : 0
        rules.tcp = tcp.mode
        rules.udp = udp.mode
        rules.listen = own.mode
        rules.has_regions = tcp.hasRegions ? 1 : 0
        rules.has_udp_regions = udp.hasRegions ? 1 : 0
        rules.has_listen_regions = own.hasRegions ? 1 : 0
        return rules
    }
}

extension CgroupPlan {
    /// The same of the program that judges what is executed.
    var executeRules: execute_rules {
        var rules = execute_rules()
        rules.once = executesOnce ? 1 : 0
        return rules
    }
}

extension CgroupPlan.Endpoints {
    fileprivate var mode: UInt8 {
        switch self {
        case .none: UInt8(EGRESS_NONE)
        case .any: UInt8(EGRESS_ANY)
        case .list: UInt8(EGRESS_LIST)
        }
    }

    fileprivate var hasRegions: Bool {
        switch self {
        case .none, .any: false
        case .list(let table): !table.regions.isEmpty
        }
    }
}

extension egress_endpoint {
    fileprivate init(_ entry: EndpointTable.Entry, protocol number: UInt8, side: UInt8) {
        self.init()
        if let address = entry.address { withUnsafeMutableBytes(of: &self.address) { $0.copyBytes(from: address.mappedBytes) } }
        port = entry.port ?? 0
        `protocol` = number
        wildcard = side | (entry.address == nil ? UInt8(EGRESS_ANY_ADDRESS) : 0) | (entry.port == nil ? UInt8(EGRESS_ANY_PORT) : 0)
    }
}

extension egress_region {
    fileprivate init(_ region: EndpointTable.Region) {
        self.init()
        prefix = UInt32(region.prefix)
        withUnsafeMutableBytes(of: &address) { $0.copyBytes(from: region.address) }
    }
}

extension egress_port_set {
    /// Precondition: at most `EndpointTable.rangeLimit` ranges, which is what the compiler promises.
    fileprivate init(_ ports: [ClosedRange<UInt16>]) {
        precondition(ports.count <= EndpointTable.rangeLimit && EndpointTable.rangeLimit == Int(EGRESS_RANGES_MAX))
        self.init()
        count = UInt32(ports.count)
        withUnsafeMutableBytes(of: &ranges) { bytes in
            for (index, range) in ports.enumerated() {
                let wire = egress_port_range(first: range.lowerBound, last: range.upperBound)
                bytes.storeBytes(of: wire, toByteOffset: index * MemoryLayout<egress_port_range>.stride, as: egress_port_range.self)
            }
        }
    }
}
