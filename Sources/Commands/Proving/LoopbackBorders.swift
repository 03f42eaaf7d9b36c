import Policy

/// Where a policy's endpoints end on loopback: each pattern that holds some of it, with the endpoints beside it. Pure.
struct LoopbackBorders: Sendable, Hashable {
    private var patterns: [EndpointPattern] = []

    /// So that a long list ends.
    private static let most = 6

    init(_ grants: EndpointGrant...) {
        for case .endpoints(let list) in grants {
            for pattern in list.map(\.value) where !patterns.contains(pattern) { patterns.append(pattern) }
        }
    }

    /// Endpoints inside and outside, by labels that stay: `granted-1`, `granted-1-port-below`, `granted-1-address`. `free` stands for every port.
    func endpoints(free: UInt16) -> [ProofGround.Endpoint] {
        patterns.filter { Self.inside($0.addresses) != nil }.prefix(Self.most).enumerated().flatMap { index, pattern in
            Self.around(pattern, "granted-\(index + 1)", free)
        }
    }

    private static func around(_ pattern: EndpointPattern, _ label: String, _ free: UInt16) -> [ProofGround.Endpoint] {
        guard let address = inside(pattern.addresses) else { return [] }
        let (ports, below, above) = bounds(pattern.ports, free)
        var found = ports.enumerated().map { ProofGround.Endpoint(label: $0 == 0 ? label : "\(label)-last", address: address, port: $1) }
        if let below { found.append(.init(label: "\(label)-port-below", address: address, port: below)) }
        if let above { found.append(.init(label: "\(label)-port-above", address: address, port: above)) }
        if let beside = outside(pattern.addresses) { found.append(.init(label: "\(label)-address", address: beside, port: ports[0])) }
        return found
    }

    private static func bounds(_ ports: EndpointPattern.Ports, _ free: UInt16) -> (inside: [UInt16], below: UInt16?, above: UInt16?) {
        let (first, last): (UInt16, UInt16)
        switch ports {
        case .any: return ([free], nil, nil)
        case .one(let port): (first, last) = (port, port)
        case .range(let range): (first, last) = (range.lowerBound, range.upperBound)
        }
        return (first == last ? [first] : [first, last], first > 1 ? first - 1 : nil, last < .max ? last + 1 : nil)
    }

    private static let candidates: [IPAddress] = [.v4(0x7f00_0001), .v4(0x7f00_0002), .v4(0x7f00_0003), .v6(high: 0, low: 1)]

    private static func inside(_ addresses: EndpointPattern.Addresses) -> IPAddress? {
        switch addresses {
        case .public: nil
        case .any: candidates[0]
        case .one(let address): address.isLoopback ? address : nil
        case .network(let network, let prefix): ([network] + candidates).first { $0.isLoopback && $0.isIn(network, prefix) }
        }
    }

    private static func outside(_ addresses: EndpointPattern.Addresses) -> IPAddress? {
        switch addresses {
        case .public, .any: nil
        case .one(let address): candidates.first { $0 != address && $0.width == address.width }
        case .network(let network, let prefix): candidates.first { !$0.isIn(network, prefix) && $0.width == network.width }
        }
    }
}

extension IPAddress {
    fileprivate func isIn(_ network: IPAddress, _ prefix: Int) -> Bool { width == network.width && masked(to: prefix) == network }
}
