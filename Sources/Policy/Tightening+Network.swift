extension Tightening {
    mutating func tightenNetwork() {
        let own = clauses.egress, other = layer.clauses.egress
        clauses.egress.dns = Self.intersection(own.dns, other.dns)
        clauses.egress.tcp = endpoints(\.tcp, own, other, "egress.tcp")
        clauses.egress.udp = endpoints(\.udp, own, other, "egress.udp")
        clauses.egress.unix = intersection(own.unix, other.unix)
        clauses.egress.names = intersection(own.names, other.names)
        clauses.ingress.tcp = intersection(clauses.ingress.tcp, layer.clauses.ingress.tcp, "ingress.tcp")
    }

    /// Port 53 of a nameserver is permitted by two clauses: where a layer has both, what one of the policy's and the other of the layer's
    /// permit stays.
    private mutating func endpoints(
        _ clause: KeyPath<EgressClause, Located<EndpointGrant>?>, _ own: EgressClause, _ other: EgressClause, _ name: String
    ) -> Located<EndpointGrant>? {
        let both = intersection(own[keyPath: clause], other[keyPath: clause], name)
        guard other[keyPath: clause] != nil, other.dns != nil, clauses.egress.dns != own.dns || own.dns == nil else { return both }
        let ownNames = intersection(own.nameservers, other[keyPath: clause], name), names = other.nameservers
        let list = Self.list(both) + Self.list(ownNames) + Self.list(names == nil ? nil : intersection(own[keyPath: clause], names, name))
        guard let location = both?.location ?? ownNames?.location, both?.value != .any, !list.isEmpty else { return both }
        return Located(.endpoints(EndpointIntersection.each(list)), at: location)
    }

    private static func list(_ grant: Located<EndpointGrant>?) -> [Located<EndpointPattern>] {
        if case .endpoints(let list) = grant?.value { list } else { [] }
    }

    private mutating func intersection(
        _ own: Located<EndpointGrant>?, _ other: Located<EndpointGrant>?, _ clause: String
    ) -> Located<EndpointGrant>? {
        guard let own, let other else { return own }
        switch (own.value, other.value) {
        case (.none, _), (_, .any): return own
        case (_, .none), (.any, _): return other
        case (.endpoints(let left), .endpoints(let right)):
            guard let both = EndpointIntersection.of(left, right) else {
                refuse(clause, .tooMany, at: other.location)
                return own
            }
            return both.isEmpty ? Located(.none, at: other.location) : Located(.endpoints(both), at: own.location)
        }
    }

    private mutating func intersection(_ own: Located<UnixGrant>?, _ other: Located<UnixGrant>?) -> Located<UnixGrant>? {
        guard let own, let other else { return own }
        switch (own.value, other.value) {
        case (.none, _), (_, .any): return own
        case (_, .none), (.any, _): return other
        case (.paths(let left), .paths(let right)):
            let both = intersection(left, right, "egress.unix")
            return both.isEmpty ? Located(.none, at: other.location) : Located(.paths(both), at: own.location)
        }
    }

    private mutating func intersection(_ own: Located<NamesGrant>?, _ other: Located<NamesGrant>?) -> Located<NamesGrant>? {
        guard let own, let other else { return own }
        switch (own.value, other.value) {
        case (.none, _), (.any, .any): return own
        case (_, .none): return other
        case (.any, .patterns(let list)):
            // Of what is written plain, `any` holds TLS alone.
            return names(Self.all(at: own.location), list, own, other)
        case (.patterns(let list), .any): return names(list, Self.all(at: other.location), own, other)
        case (.patterns(let left), .patterns(let right)): return names(left, right, own, other)
        }
    }

    private mutating func names(
        _ left: [Located<NamePattern>], _ right: [Located<NamePattern>], _ own: Located<NamesGrant>, _ other: Located<NamesGrant>
    ) -> Located<NamesGrant> {
        guard let both = NamePattern.intersection(left, right) else {
            refuse("egress.names", .tooMany, at: other.location)
            return own
        }
        return both.isEmpty ? Located(.none, at: other.location) : Located(.patterns(both), at: own.location)
    }

    private static func all(at place: SourceLocation) -> [Located<NamePattern>] { NamesGrant.any.patterns.map { Located($0, at: place) } }

    private static func intersection(_ own: Located<DNSGrant>?, _ other: Located<DNSGrant>?) -> Located<DNSGrant>? {
        guard let own, let other else { return own }
        switch (own.value, other.value) {
        case (.none, _): return own
        case (_, .none): return other
        case (.host(let left), .host(let right)):
            let both = left.filter(right.contains)
            return both.isEmpty ? Located(.none, at: other.location) : Located(.host(nameservers: both), at: own.location)
        }
    }
}

extension EgressClause {
    /// What `dns` permits, as endpoints.
    fileprivate var nameservers: Located<EndpointGrant>? {
        guard let dns, case .host(let addresses) = dns.value, !addresses.isEmpty else { return nil }
        let list = addresses.map { Located(EndpointPattern(addresses: .one($0), ports: .one(53)), at: dns.location) }
        return Located(.endpoints(list), at: dns.location)
    }
}
