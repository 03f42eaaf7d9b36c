public import Policy

/// A set of endpoints, exactly: regions of addresses, each with its ports. Equal sets are equal values, however they were written.
///
/// Addresses lie in one space of 128 bits in which IPv4 is ::ffff:0:0/96. They are taken as they are connected to, so that the two
/// unspecified ones, which nothing is ever connected to, are of no set.
public struct EndpointSet: Sendable, Hashable {
    /// Addresses from `first` to `last`, and the ports at each of them; never empty.
    struct Cell: Sendable, Hashable {
        var first: UInt128
        var last: UInt128
        var ports: PortSet
    }

    /// Disjoint, ascending; neighbours that adjoin have other ports.
    let cells: [Cell]

    init(cells: [Cell]) { self.cells = cells }

    public init(_ patterns: [EndpointPattern]) {
        let pieces = patterns.flatMap { pattern in
            pattern.addresses.spans.map { Cell(first: $0.lowerBound, last: $0.upperBound, ports: PortSet([pattern.ports.span])) }
        }
        cells = Self.joined(
            Self.starts(pieces).map { start, end in
                let ports = pieces.filter { $0.first <= start && end <= $0.last }.flatMap(\.ports.ranges)
                return Cell(first: start, last: end, ports: PortSet(ports))
            })
    }

    public var isEmpty: Bool { cells.isEmpty }

    public func contains(_ address: IPAddress, _ port: UInt16) -> Bool {
        let place = address.connected.place
        return cells.contains { $0.first <= place && place <= $0.last && $0.ports.contains(port) }
    }

    public func subtracting(_ other: EndpointSet) -> EndpointSet {
        EndpointSet(
            cells: Self.joined(
                Self.starts(cells + other.cells).map { start, end in
                    Cell(first: start, last: end, ports: ports(from: start, to: end).subtracting(other.ports(from: start, to: end)))
                }))
    }

    public func intersects(_ other: EndpointSet) -> Bool {
        cells.contains { cell in
            other.cells.contains { $0.first <= cell.last && cell.first <= $0.last && $0.ports.intersects(cell.ports) }
        }
    }

    /// The ports at all of these addresses, which lie in one cell or in none.
    private func ports(from start: UInt128, to end: UInt128) -> PortSet {
        var (low, high) = (0, cells.count)
        while low < high {
            let middle = (low + high) / 2
            if cells[middle].last < start { low = middle + 1 } else { high = middle }
        }
        guard low < cells.count, cells[low].first <= start, end <= cells[low].last else { return .none }
        return cells[low].ports
    }

    /// The pieces' bounds cut the space into spans, in each of which every piece holds everywhere or nowhere.
    private static func starts(_ pieces: [Cell]) -> [(UInt128, UInt128)] {
        var starts: Set<UInt128> = []
        for piece in pieces {
            starts.insert(piece.first)
            if piece.last < .max { starts.insert(piece.last + 1) }
        }
        let sorted = starts.sorted()
        return sorted.indices.map { (sorted[$0], $0 + 1 < sorted.count ? sorted[$0 + 1] - 1 : .max) }
    }

    private static func joined(_ cells: [Cell]) -> [Cell] {
        cells.reduce(into: []) { result, cell in
            guard !cell.ports.isEmpty else { return }
            if let last = result.last, last.last + 1 == cell.first, last.ports == cell.ports {
                result[result.count - 1].last = cell.last
            } else {
                result.append(cell)
            }
        }
    }
}

extension EndpointPattern.Ports {
    fileprivate var span: ClosedRange<UInt16> {
        switch self {
        case .any: 0 ... .max
        case .one(let port): port...port
        case .range(let range): range
        }
    }
}

extension IPAddress {
    /// Where it lies in the one space of both families.
    fileprivate var place: UInt128 {
        switch self {
        case .v4(let value): 0xffff_0000_0000 | UInt128(value)
        case .v6(let high, let low): UInt128(high) << 64 | UInt128(low)
        }
    }

    fileprivate func span(prefix: Int) -> ClosedRange<UInt128> {
        let host = width - prefix
        return place...(place | (host == 128 ? .max : (UInt128(1) << UInt128(host)) - 1))
    }
}

extension EndpointPattern.Addresses {
    private static let mapped: ClosedRange<UInt128> = 0xffff_0000_0000...0xffff_ffff_ffff
    private static let unspecified: [ClosedRange<UInt128>] = [0...0, 0xffff_0000_0000...0xffff_0000_0000]

    /// Disjoint spans of addresses that can be connected to.
    fileprivate var spans: [ClosedRange<UInt128>] {
        switch self {
        case .any: Self.without(Self.unspecified, [0 ... .max])
        case .one(let address): [address.connected.span(prefix: address.connected.width)]
        case .network(let network, let prefix):
            // An IPv6 network around ::ffff:0:0/96 does not mean IPv4.
            Self.without(Self.unspecified + (network.width == 128 ? [Self.mapped] : []), [network.span(prefix: prefix)])
        case .public:
            Self.without(Self.unspecified + Self.notPublic.map { $0.network.span(prefix: $0.prefix) }, [0 ... .max])
        }
    }

    private static func without(_ removed: [ClosedRange<UInt128>], _ spans: [ClosedRange<UInt128>]) -> [ClosedRange<UInt128>] {
        removed.reduce(spans) { rest, hole in
            rest.flatMap { span -> [ClosedRange<UInt128>] in
                guard span.overlaps(hole) else { return [span] }
                var parts: [ClosedRange<UInt128>] = []
                if span.lowerBound < hole.lowerBound { parts.append(span.lowerBound...(hole.lowerBound - 1)) }
                if span.upperBound > hole.upperBound { parts.append((hole.upperBound + 1)...span.upperBound) }
                return parts
            }
        }
    }
}
