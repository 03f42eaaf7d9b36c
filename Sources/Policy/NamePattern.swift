/// `NAME:PORT`, `*.NAME:PORT` or `*:PORT`, and `plain:` before it: names of hosts that the session's name proxy connects to, by TCP.
public struct NamePattern: Sendable, Hashable {
    public enum Hosts: Sendable, Hashable {
        case any
        case one(HostName)
        /// All that have labels in front of it, however many, and not itself.
        case below(HostName)
    }

    public var hosts: Hosts
    public var ports: EndpointPattern.Ports
    /// Whatever is spoken there, and not TLS that asks for this very name alone.
    public var isPlain: Bool

    public init(hosts: Hosts, ports: EndpointPattern.Ports, isPlain: Bool = false) {
        self.hosts = hosts
        self.ports = ports
        self.isPlain = isPlain
    }

    public func permits(_ speech: Speech, with name: HostName, port: UInt16) -> Bool {
        (isPlain || speech == .tls) && hosts.contains(name) && ports.holds(port)
    }

    /// What goes over a connection, as far as the proxy looks.
    public enum Speech: Sendable, Hashable, CaseIterable {
        /// A ClientHello whose SNI is the name, and what follows it.
        case tls
        case other
    }
}

extension NamePattern.Hosts {
    public func contains(_ name: HostName) -> Bool {
        switch self {
        case .any: true
        case .one(let own): own == name
        case .below(let end): name.isBelow(end)
        }
    }
}

extension EndpointPattern.Ports {
    func holds(_ port: UInt16) -> Bool { range.contains(port) }
}

/// Why a text is no `NamePattern`.
public enum NameProblem: String, Error, Sendable, Hashable, CaseIterable {
    case noPort, badPort, portZero, badRange
    case address, notASCII, badLabel, trailingDot, tooLong
    /// `*` elsewhere than in front.
    case badWildcard
}
