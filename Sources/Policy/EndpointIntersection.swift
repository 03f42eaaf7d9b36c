/// What two lists of endpoints have in common.
enum EndpointIntersection {
    /// Pairs that are looked at, and entries that a result may have.
    static let mostWork = 4_000_000
    static let mostEntries = 20_000

    /// `nil` where it is too long to be written down. An entry that is one of a list's keeps its place; others have that of the left one.
    static func of(_ left: [Located<EndpointPattern>], _ right: [Located<EndpointPattern>]) -> [Located<EndpointPattern>]? {
        guard left.count * right.count <= mostWork else { return nil }
        var found: [Located<EndpointPattern>] = []
        var seen: Set<EndpointPattern> = []
        for one in left {
            for entry in of(one, right) where seen.insert(entry.value).inserted { found.append(entry) }
            guard found.count <= mostEntries else { return nil }
        }
        return found
    }

    /// Each pattern once, at its first place.
    static func each(_ list: [Located<EndpointPattern>]) -> [Located<EndpointPattern>] {
        var seen: Set<EndpointPattern> = []
        return list.filter { seen.insert($0.value).inserted }
    }

    /// An entry that one of the others covers is all that there is.
    private static func of(_ one: Located<EndpointPattern>, _ others: [Located<EndpointPattern>]) -> [Located<EndpointPattern>] {
        var found: [Located<EndpointPattern>] = []
        for other in others {
            for pattern in one.value.intersection(other.value) {
                if pattern == one.value { return [one] }
                found.append(Located(pattern, at: pattern == other.value ? other.location : one.location))
            }
        }
        return found
    }
}

extension EndpointPattern {
    func intersection(_ other: EndpointPattern) -> [EndpointPattern] {
        guard let ports = ports.intersection(other.ports) else { return [] }
        return addresses.intersection(other.addresses).map { EndpointPattern(addresses: $0, ports: ports) }
    }
}

extension EndpointPattern.Ports {
    func intersection(_ other: EndpointPattern.Ports) -> EndpointPattern.Ports? {
        let lower = max(range.lowerBound, other.range.lowerBound), upper = min(range.upperBound, other.range.upperBound)
        guard lower <= upper else { return nil }
        if case .any = self { return other }
        if case .any = other { return self }
        return lower == upper ? .one(lower) : .range(lower...upper)
    }

    /// From the lowest to the highest of them.
    public var range: ClosedRange<UInt16> {
        switch self {
        case .any: 1...UInt16.max
        case .one(let port): port...port
        case .range(let range): range
        }
    }
}

extension EndpointPattern.Addresses {
    fileprivate func intersection(_ other: EndpointPattern.Addresses) -> [EndpointPattern.Addresses] {
        switch (self, other) {
        case (.any, _): [other]
        case (_, .any): [self]
        case (.public, .public): [self]
        case (.public, .one(let address)): AddressBlock(address).isPublic ? [other] : []
        case (.one(let address), .public): AddressBlock(address).isPublic ? [self] : []
        case (.public, .network(let network, let prefix)), (.network(let network, let prefix), .public):
            AddressBlock(network, prefix: prefix).publicParts.map(\.addresses)
        case (.one(let left), .one(let right)): AddressBlock(left) == AddressBlock(right) ? [self] : []
        case (.one(let address), .network(let network, let prefix)):
            AddressBlock(network, prefix: prefix).covers(AddressBlock(address)) ? [self] : []
        case (.network(let network, let prefix), .one(let address)):
            AddressBlock(network, prefix: prefix).covers(AddressBlock(address)) ? [other] : []
        case (.network(let left, let length), .network(let right, let otherLength)):
            if AddressBlock(left, prefix: length).covers(AddressBlock(right, prefix: otherLength)) {
                [other]
            } else {
                AddressBlock(right, prefix: otherLength).covers(AddressBlock(left, prefix: length)) ? [self] : []
            }
        }
    }
}
