import CKernel
import KernelPlan
import Policy

/// A plan's endpoints in the form of the maps (`bpf/egress.h`).
struct EgressMaps {
    var endpoints: [egress_endpoint] = []
    var regions: [egress_region] = []
    /// For each region, the index of its set of ports.
    var sets: [UInt32] = []
    /// Each set once, however many regions have it.
    var portSets: [egress_port_set] = []

    init(_ plan: CgroupPlan) {
        guard case .list(let table) = plan.tcp else { return }
        endpoints = table.entries.map(egress_endpoint.init)
        var known: [[ClosedRange<UInt16>]: UInt32] = [:]
        for region in table.regions {
            let index = known[region.ports] ?? UInt32(portSets.count)
            if known.updateValue(index, forKey: region.ports) == nil { portSets.append(egress_port_set(region.ports)) }
            regions.append(egress_region(region))
            sets.append(index)
        }
    }
}

extension egress_endpoint {
    fileprivate init(_ entry: EndpointTable.Entry) {
        self.init()
        if let address = entry.address { withUnsafeMutableBytes(of: &self.address) { $0.copyBytes(from: address.mappedBytes) } }
        port = entry.port ?? 0
        `protocol` = 6
        wildcard = (entry.address == nil ? UInt8(EGRESS_ANY_ADDRESS) : 0) | (entry.port == nil ? UInt8(EGRESS_ANY_PORT) : 0)
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
