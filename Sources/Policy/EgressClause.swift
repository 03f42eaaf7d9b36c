/// What the server may connect and send to. `nil`: the clause is absent; a policy then permits nothing of it, a layer says nothing of it.
public struct EgressClause: Sendable, Hashable {
    public var tcp: Located<EndpointGrant>?
    public var udp: Located<EndpointGrant>?
    public var unix: Located<UnixGrant>?
    public var dns: Located<DNSGrant>?
    public var names: Located<NamesGrant>?
    /// Whom the name proxy asks: found like those of `dns: host`, empty where there are no names. It grants nothing.
    public var resolvers: [IPAddress] = []

    public init(
        tcp: Located<EndpointGrant>? = nil, udp: Located<EndpointGrant>? = nil, unix: Located<UnixGrant>? = nil,
        dns: Located<DNSGrant>? = nil, names: Located<NamesGrant>? = nil, resolvers: [IPAddress] = []
    ) {
        self.tcp = tcp
        self.udp = udp
        self.unix = unix
        self.dns = dns
        self.names = names
        self.resolvers = resolvers
    }
}

/// Endpoints of one transport: foreign ones under `egress`, the server's own under `ingress`.
public enum EndpointGrant: Sendable, Hashable {
    case none
    case any
    /// Never empty.
    case endpoints([Located<EndpointPattern>])
}

/// Unix sockets that may be connected to. Binding, listening and accepting are never permitted.
public enum UnixGrant: Sendable, Hashable {
    case none
    case any
    /// Sockets by path; never empty.
    case paths([GrantedPath])
}

/// Name resolution: port 53, by UDP and TCP, of the host's nameservers.
public enum DNSGrant: Sendable, Hashable {
    case none
    /// The nameservers of resolv.conf(5) as they were found when the session was compiled; link-local ones are left out, since no clause can name them.
    case host(nameservers: [IPAddress])
}

extension Located<EndpointGrant>? {
    /// What an absent clause of a policy means.
    public var orNone: EndpointGrant { self?.value ?? .none }
}

extension Located<UnixGrant>? {
    /// What an absent clause of a policy means.
    public var orNone: UnixGrant { self?.value ?? .none }
}

extension Located<DNSGrant>? {
    /// What an absent clause of a policy means.
    public var orNone: DNSGrant { self?.value ?? .none }
}
