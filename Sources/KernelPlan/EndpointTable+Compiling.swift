import Policy

extension EndpointTable {
    /// The table that permits exactly what the patterns do. `nil` where a region needs more ranges of ports than it can hold.
    init?(_ patterns: [EndpointPattern]) {
        var entries: Set<Entry> = []
        var sets: [EndpointPattern] = []
        for pattern in patterns {
            switch (pattern.addresses, pattern.ports) {
            case (.one(let address), .one(let port)): entries.insert(Entry(address: address.connected, port: port))
            case (.one(let address), .any): entries.insert(Entry(address: address.connected, port: nil))
            case (.any, .one(let port)): entries.insert(Entry(address: nil, port: port))
            case (.any, _), (.one, .range), (.network, _), (.public, _): sets.append(pattern)
            }
        }
        let regions = Self.regions(of: sets)
        guard regions.allSatisfy({ $0.ports.count <= Self.rangeLimit }) else { return nil }
        self.init(entries: entries.sorted { $0.order.lexicographicallyPrecedes($1.order) }, regions: regions)
    }

    /// Every boundary of every pattern is a key; behind it lies one region, in which each pattern holds everywhere or nowhere.
    private static func regions(of patterns: [EndpointPattern]) -> [Region] {
        let keys = Set(patterns.flatMap { $0.addresses.boundaries })
        return keys.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map { key in
            let ports = patterns.filter { $0.addresses.contains(regionOf: key) }.map(\.ports.asRange)
            return Region(address: key.address, prefix: key.prefix, ports: merged(ports))
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
struct AddressPrefix: Hashable {
    var address: [UInt8]
    var prefix: Int

    static let root = AddressPrefix(address: [UInt8](repeating: 0, count: 16), prefix: 0)
    static let v4 = AddressPrefix(.v4(0), prefix: 0)

    init(address: [UInt8], prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    init(_ network: IPAddress, prefix: Int) {
        address = network.mappedBytes
        self.prefix = prefix + 128 - network.width
    }

    var order: [UInt8] { address + [UInt8(prefix)] }

    /// Whether all addresses of `other` are of this prefix.
    func contains(_ other: AddressPrefix) -> Bool {
        guard prefix <= other.prefix else { return false }
        return (0..<prefix).allSatisfy { bit in (address[bit / 8] ^ other.address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}

extension EndpointPattern.Addresses {
    /// Where the set begins and ends, as prefixes.
    fileprivate var boundaries: [AddressPrefix] {
        switch self {
        case .any: [.root]
        case .one(let address): [AddressPrefix(address.connected, prefix: address.connected.width)]
        // An IPv6 network around ::ffff:0:0/96 does not mean IPv4.
        case .network(let network, let prefix):
            [AddressPrefix(network, prefix: prefix), .v4].filter { AddressPrefix(network, prefix: prefix).contains($0) }
        case .public: [.root] + Self.notPublic.map { AddressPrefix($0.network, prefix: $0.prefix) }
        }
    }

    /// Whether the set holds the region behind a boundary. No boundary of the set lies within that region.
    fileprivate func contains(regionOf key: AddressPrefix) -> Bool {
        switch self {
        case .any: true
        case .one(let address): key == AddressPrefix(address.connected, prefix: address.connected.width)
        case .network(let network, let prefix):
            AddressPrefix(network, prefix: prefix).contains(key) && (network.width == 32 || !AddressPrefix.v4.contains(key))
        case .public: !Self.notPublic.contains { AddressPrefix($0.network, prefix: $0.prefix).contains(key) }
        }
    }
}

extension EndpointTable.Entry {
    /// Entries for every address first, then by bytes.
    fileprivate var order: [UInt8] {
        (address.map { [1] + $0.mappedBytes } ?? [0]) + (port.map { [1, UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } ?? [0])
    }
}
