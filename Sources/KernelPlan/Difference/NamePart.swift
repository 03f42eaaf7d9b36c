public import Policy

/// The names of one pattern, less those of others: a difference of sets in the words that policies use.
public struct NamePart: Sendable, Hashable {
    public var pattern: NamePattern
    /// What of it is no part of the difference.
    public var besides: [NamePattern]

    public init(_ pattern: NamePattern, besides: [NamePattern] = []) {
        self.pattern = pattern
        self.besides = besides
    }

    public func permits(_ speech: NamePattern.Speech, with name: HostName, port: UInt16) -> Bool {
        pattern.permits(speech, with: name, port: port) && !besides.contains { $0.permits(speech, with: name, port: port) }
    }

    /// What `patterns` hold and `others` do not: parts whose union is that difference exactly.
    static func difference(of patterns: [NamePattern], from others: [NamePattern]) -> [NamePart] {
        var seen: Set<NamePattern> = []
        return patterns.filter { seen.insert($0).inserted && isLeft(of: $0, by: others) }.map { pattern in
            NamePart(pattern, besides: others.filter { $0.meets(pattern) })
        }
    }

    /// There are more names below a name than patterns can list, so that only those that hold all of a pattern's names can leave nothing of it.
    private static func isLeft(of pattern: NamePattern, by others: [NamePattern]) -> Bool {
        let covering = others.filter { $0.hosts.covers(pattern.hosts) }
        let isLeft = { (others: [NamePattern]) in
            !PortSet([pattern.ports.range]).subtracting(PortSet(others.map(\.ports.range))).isEmpty
        }
        return isLeft(covering) || pattern.isPlain && isLeft(covering.filter(\.isPlain))
    }
}

extension NamePattern {
    /// Whether the two have anything in common.
    fileprivate func meets(_ other: NamePattern) -> Bool {
        (hosts.covers(other.hosts) || other.hosts.covers(hosts)) && ports.range.overlaps(other.ports.range)
    }
}
