/// Where the server may bind and listen. `nil`: the clause is absent.
public struct IngressClause: Sendable, Hashable {
    /// The server's own endpoints: the address and port that are bound and connected to by others.
    public var tcp: Located<EndpointGrant>?

    public init(tcp: Located<EndpointGrant>? = nil) { self.tcp = tcp }
}
