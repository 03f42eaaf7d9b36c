import Policy

extension ClauseReader {
    static func egress(_ node: YAMLNode?, _ grants: PathGrants, _ nameservers: [IPAddress]) -> EgressClause {
        EgressClause(
            tcp: endpoints(node, "tcp"), udp: endpoints(node, "udp"), unix: unix(node, grants[.connect]),
            dns: located(node?["dns"]) { $0.utf8.elementsEqual("host".utf8) ? .host(nameservers: nameservers) : DNSGrant.none },
            names: names(node), resolvers: names(node).orNone == .none ? [] : nameservers)
    }

    /// `any` stands for itself, a list at its key.
    static func endpoints(_ node: YAMLNode?, _ key: String) -> Located<EndpointGrant>? {
        guard let entry = entry(node, key) else { return nil }
        if let text = entry.value.text {
            return Located(text.utf8.elementsEqual("any".utf8) ? .any : .none, at: entry.value.location)
        }
        let endpoints = entry.value.items.compactMap { item in located(item) { try? EndpointPattern($0) } }
        return Located(endpoints.isEmpty ? .none : .endpoints(endpoints), at: entry.keyLocation)
    }

    private static func names(_ node: YAMLNode?) -> Located<NamesGrant>? {
        guard let entry = entry(node, "names") else { return nil }
        if let text = entry.value.text {
            return Located(text.utf8.elementsEqual("any".utf8) ? .any : .none, at: entry.value.location)
        }
        let patterns = entry.value.items.compactMap { item in located(item) { try? NamePattern($0) } }
        return Located(patterns.isEmpty ? .none : .patterns(patterns), at: entry.keyLocation)
    }

    private static func unix(_ node: YAMLNode?, _ sockets: [GrantedPath]) -> Located<UnixGrant>? {
        guard let entry = entry(node, "unix") else { return nil }
        if let text = entry.value.text {
            return Located(text.utf8.elementsEqual("any".utf8) ? .any : .none, at: entry.value.location)
        }
        return Located(sockets.isEmpty ? .none : .paths(sockets), at: entry.keyLocation)
    }
}
