extension NamePattern {
    /// What both hold; `nil` where that is nothing. Of two sets of names one holds the other, or they have nothing in common.
    func intersection(_ other: NamePattern) -> NamePattern? {
        guard let hosts = hosts.intersection(other.hosts), let ports = ports.intersection(other.ports) else { return nil }
        return NamePattern(hosts: hosts, ports: ports, isPlain: isPlain && other.isPlain)
    }

    /// What two lists have in common, each pattern once; `nil` where it is too long to be written down.
    static func intersection(_ left: [Located<NamePattern>], _ right: [Located<NamePattern>]) -> [Located<NamePattern>]? {
        guard left.count * right.count <= EndpointIntersection.mostWork else { return nil }
        var found: [Located<NamePattern>] = []
        var seen: Set<NamePattern> = []
        for one in left {
            for other in right {
                guard let both = one.value.intersection(other.value), seen.insert(both).inserted else { continue }
                found.append(Located(both, at: both == one.value || both != other.value ? one.location : other.location))
            }
            guard found.count <= EndpointIntersection.mostEntries else { return nil }
        }
        return found
    }
}

extension NamePattern.Hosts {
    fileprivate func intersection(_ other: NamePattern.Hosts) -> NamePattern.Hosts? {
        if covers(other) { return other }
        return other.covers(self) ? self : nil
    }

    /// Whether all that the other holds is held by this one, too.
    public func covers(_ other: NamePattern.Hosts) -> Bool {
        switch (self, other) {
        case (.any, _): true
        case (.one, .one): self == other
        case (.one, .any), (.one, .below), (.below, .any): false
        case (.below(let end), .one(let name)): name.isBelow(end)
        case (.below(let end), .below(let deeper)): end == deeper || deeper.isBelow(end)
        }
    }
}
