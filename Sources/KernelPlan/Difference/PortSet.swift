/// A set of ports: ranges that are disjoint, ascending and do not adjoin, so that equal sets are equal values.
public struct PortSet: Sendable, Hashable {
    public private(set) var ranges: [ClosedRange<UInt16>]

    public static let none = PortSet([])

    public init(_ ranges: [ClosedRange<UInt16>]) { self.ranges = EndpointTable.merged(ranges) }

    public var isEmpty: Bool { ranges.isEmpty }

    public func contains(_ port: UInt16) -> Bool { ranges.contains { $0.contains(port) } }

    public func intersects(_ other: PortSet) -> Bool { ranges.contains { range in other.ranges.contains { $0.overlaps(range) } } }

    public func subtracting(_ other: PortSet) -> PortSet {
        PortSet(other.ranges.reduce(ranges) { rest, removed in rest.flatMap { Self.rest(of: $0, without: removed) } })
    }

    private static func rest(of range: ClosedRange<UInt16>, without removed: ClosedRange<UInt16>) -> [ClosedRange<UInt16>] {
        guard range.overlaps(removed) else { return [range] }
        var rest: [ClosedRange<UInt16>] = []
        if range.lowerBound < removed.lowerBound { rest.append(range.lowerBound...(removed.lowerBound - 1)) }
        if range.upperBound > removed.upperBound { rest.append((removed.upperBound + 1)...range.upperBound) }
        return rest
    }
}
