/// `ADDR:PORT`, `[ADDR6]:PORT`, `CIDR:PORT`, `*:PORT` or `public:PORT`: a set of endpoints of one transport.
public struct EndpointPattern: Sendable, Hashable {
    public enum Addresses: Sendable, Hashable {
        /// Every address of both families, loopback and metadata addresses included.
        case any
        case one(IPAddress)
        /// Host bits are zero.
        case network(IPAddress, prefix: Int)
        /// All but loopback, link-local, private, unique-local, carrier-grade and multicast.
        case `public`
    }

    public enum Ports: Sendable, Hashable {
        case any
        case one(UInt16)
        /// The bounds differ, and the lower is at least 1.
        case range(ClosedRange<UInt16>)
    }

    public var addresses: Addresses
    public var ports: Ports

    public init(addresses: Addresses, ports: Ports) {
        self.addresses = addresses
        self.ports = ports
    }
}

/// Why a text is no `EndpointPattern`.
public enum EndpointProblem: String, Error, Sendable, Hashable, CaseIterable {
    case noPort, badPort, portZero, badRange, hostName, badAddress, badPrefix, hostBits, linkLocal, mappedAddress, missingBrackets
}
