public import Policy

extension PolicyDifference {
    static func network(_ first: ResolvedPolicy, _ second: ResolvedPolicy) -> [PolicyChange] {
        EndpointAct.allCases.flatMap { act in
            both(
                { old, new in
                    EndpointPart.difference(of: new.patterns(act), from: old.patterns(act)).map { .endpoints(act, $0) }
                }, first, second)
        } + both(names, first, second) + both(unix, first, second)
    }

    private static func names(_ old: ResolvedPolicy, _ new: ResolvedPolicy) -> [PermittedPart] {
        NamePart.difference(of: new.policy.egress.names.orNone.patterns, from: old.policy.egress.names.orNone.patterns).map { .names($0) }
    }

    private static func unix(_ old: ResolvedPolicy, _ new: ResolvedPolicy) -> [PermittedPart] {
        switch (old.policy.egress.unix.orNone, new.policy.egress.unix.orNone) {
        case (.any, _), (_, .none): []
        case (_, .any): [.grant(.anyUnixSocket)]
        case (let old, .paths(let new)):
            PathTree(new.map(\.socket)).parts(beyond: PathTree(old.sockets)).map { .paths(.connectUnix, $0) }
        }
    }
}

extension UnixGrant {
    fileprivate var sockets: [PathRoot] {
        if case .paths(let paths) = self { paths.map(\.socket) } else { [] }
    }
}

extension GrantedPath {
    fileprivate var socket: PathRoot { PathRoot(found.resolved, isDirectory: false) }
}

extension ResolvedPolicy {
    /// What one act may reach, as a set.
    public func endpoints(_ act: EndpointAct) -> EndpointSet { EndpointSet(patterns(act)) }

    /// Whether a unix socket by its resolved path may be connected to.
    public func connectsUnix(to path: String) -> Bool {
        switch policy.egress.unix.orNone {
        case .none: false
        case .any: true
        case .paths: PathTree(policy.egress.unix.orNone.sockets).contains(path)
        }
    }

    /// All endpoints of one act; `dns: host` is port 53 of the nameservers by both transports.
    func patterns(_ act: EndpointAct) -> [EndpointPattern] {
        switch act {
        case .connectTCP: policy.egress.tcp.orNone.patterns + nameservers
        case .sendUDP: policy.egress.udp.orNone.patterns + nameservers
        case .listenTCP: policy.ingress.tcp.orNone.patterns
        }
    }

    private var nameservers: [EndpointPattern] {
        switch policy.egress.dns.orNone {
        case .none: []
        case .host(let nameservers): nameservers.map { EndpointPattern(addresses: .one($0), ports: .one(53)) }
        }
    }
}

extension EndpointGrant {
    /// As a list: `any` is `*:*`.
    public var patterns: [EndpointPattern] {
        switch self {
        case .none: []
        case .any: [EndpointPattern(addresses: .any, ports: .any)]
        case .endpoints(let endpoints): endpoints.map(\.value)
        }
    }
}
