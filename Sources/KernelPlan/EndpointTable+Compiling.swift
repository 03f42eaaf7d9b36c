import Policy

extension EndpointTable {
    /// The table that permits exactly what the patterns do. `nil` where a region needs more ranges of ports than it can hold.
    ///
    /// `connecting`: the unspecified address stands for loopback, as it does to connect(2) and not to bind(2).
    init?(_ patterns: [EndpointPattern], connecting: Bool = true) {
        var entries: Set<Entry> = []
        var sets: [EndpointPattern] = []
        for pattern in patterns {
            let address: (IPAddress) -> IPAddress = { connecting ? $0.connected : $0.unmapped }
            switch (pattern.addresses, pattern.ports) {
            case (.one(let one), .one(let port)): entries.insert(Entry(address: address(one), port: port))
            case (.one(let one), .any): entries.insert(Entry(address: address(one), port: nil))
            case (.any, .one(let port)): entries.insert(Entry(address: nil, port: port))
            case (.one(let one), .range): sets.append(EndpointPattern(addresses: .one(address(one)), ports: pattern.ports))
            case (.any, _), (.network, _), (.public, _): sets.append(pattern)
            }
        }
        let regions = Self.regions(of: sets)
        guard regions.allSatisfy({ $0.ports.count <= Self.rangeLimit }) else { return nil }
        self.init(entries: entries.sorted { $0.order < $1.order }, regions: regions)
    }

    /// Where patterns begin and cease to hold, by prefix. Behind each such prefix lies one region, in which each pattern holds everywhere or nowhere.
    private struct Edge {
        var begin: Set<Int> = []
        var end: Set<Int> = []
    }

    private static func regions(of patterns: [EndpointPattern]) -> [Region] {
        var edges: [AddressPrefix: Edge] = [:]
        for (index, pattern) in patterns.enumerated() {
            edges[pattern.addresses.network, default: Edge()].begin.insert(index)
            for hole in pattern.addresses.holes { edges[hole, default: Edge()].end.insert(index) }
        }
        // Sorted so, a prefix comes before all that it contains: those that contain the next one are a stack.
        var stack: [(prefix: AddressPrefix, holding: Set<Int>)] = []
        return edges.keys.sorted().map { key in
            while let last = stack.last, !last.prefix.contains(key) { stack.removeLast() }
            let edge = edges[key, default: Edge()]
            let holding = (stack.last?.holding ?? []).subtracting(edge.end).union(edge.begin)
            stack.append((key, holding))
            return Region(address: key.bytes, prefix: key.prefix, ports: merged(holding.map { patterns[$0].ports.asRange }))
        }
    }

    /// The union as disjoint ranges that do not adjoin.
    static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { result, range in
            guard let last = result.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 else { return result.append(range) }
            result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
    }
}

/// A prefix of the 128-bit space in which IPv4 is ::ffff:0:0/96.
struct AddressPrefix: Hashable, Comparable {
    var bits: UInt128
    /// 0...128.
    var prefix: Int

    static let root = AddressPrefix(bits: 0, prefix: 0)
    static let v4 = AddressPrefix(.v4(0), prefix: 0)

    init(bits: UInt128, prefix: Int) {
        self.bits = bits
        self.prefix = prefix
    }

    init(_ network: IPAddress, prefix: Int) {
        bits = network.mappedBits
        self.prefix = prefix + 128 - network.width
    }

    /// From 16 bytes.
    init(bytes: [UInt8], prefix: Int) {
        bits = bytes.reduce(0) { $0 << 8 | UInt128($1) }
        self.prefix = prefix
    }

    var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: bits >> UInt128(120 - 8 * $0)) } }

    /// By where it begins; what contains comes before what is contained.
    static func < (left: AddressPrefix, right: AddressPrefix) -> Bool { (left.bits, left.prefix) < (right.bits, right.prefix) }

    /// Whether all addresses of `other` are of this prefix.
    func contains(_ other: AddressPrefix) -> Bool { prefix <= other.prefix && (bits ^ other.bits) >> UInt128(128 - prefix) == 0 }
}

extension IPAddress {
    /// As one number, IPv4 in ::ffff:0:0/96.
    var mappedBits: UInt128 {
        switch self {
        case .v4(let value): 0xffff_0000_0000 | UInt128(value)
        case .v6(let high, let low): UInt128(high) << 64 | UInt128(low)
        }
    }
}

extension EndpointPattern.Addresses {
    /// The prefix that the set lies in.
    fileprivate var network: AddressPrefix {
        switch self {
        case .any, .public: .root
        case .one(let address): AddressPrefix(address, prefix: address.width)
        case .network(let network, let prefix): AddressPrefix(network, prefix: prefix)
        }
    }

    /// Prefixes within that the set does not hold.
    fileprivate var holes: [AddressPrefix] {
        switch self {
        case .any, .one: []
        // An IPv6 network around ::ffff:0:0/96 does not mean IPv4.
        case .network(.v6, _): network.contains(.v4) ? [.v4] : []
        case .network(.v4, _): []
        case .public: Self.notPublic.map { AddressPrefix($0.network, prefix: $0.prefix) }
        }
    }
}

extension EndpointTable.Entry {
    /// Entries for every address first, then by address and port.
    fileprivate var order: (Int, UInt128, Int) { (address == nil ? 0 : 1, address?.mappedBits ?? 0, port.map { Int($0) + 1 } ?? 0) }
}
