/// What the server may connect and send to.
public struct EgressClause: Sendable, Hashable {
    public var tcp: TCPEgress
    /// Where `tcp` stands, or the document.
    public var tcpLocation: SourceLocation?

    public init(tcp: TCPEgress = .none, tcpLocation: SourceLocation? = nil) {
        self.tcp = tcp
        self.tcpLocation = tcpLocation
    }
}

/// TCP endpoints that may be connected to.
public enum TCPEgress: Sendable, Hashable {
    case none
    case any
    /// Never empty.
    case endpoints([Located<EndpointPattern>])
}

/// What may connect to the server. Today nothing may: no socket is bound, none listens.
public struct IngressClause: Sendable, Hashable {
    public init() {}
}
