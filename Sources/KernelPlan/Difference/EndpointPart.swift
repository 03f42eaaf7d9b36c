public import Policy

/// The endpoints of one pattern, less those of others: a difference of sets in the words that policies use.
public struct EndpointPart: Sendable, Hashable {
    public var pattern: EndpointPattern
    /// What of it is no part of the difference.
    public var besides: [EndpointPattern]

    public init(_ pattern: EndpointPattern, besides: [EndpointPattern] = []) {
        self.pattern = pattern
        self.besides = besides
    }

    public var set: EndpointSet { EndpointSet([pattern]).subtracting(EndpointSet(besides)) }

    /// What `patterns` hold and `others` do not: parts whose union is that difference exactly.
    static func difference(of patterns: [EndpointPattern], from others: [EndpointPattern]) -> [EndpointPart] {
        var rest = EndpointSet(patterns).subtracting(EndpointSet(others))
        let sets = others.map { EndpointSet([$0]) }
        var parts: [EndpointPart] = []
        for pattern in patterns where !rest.isEmpty {
            let own = EndpointSet([pattern])
            guard rest.intersects(own) else { continue }
            parts.append(EndpointPart(pattern, besides: zip(others, sets).filter { $0.1.intersects(own) }.map(\.0)))
            rest = rest.subtracting(own)
        }
        return parts
    }
}
