public import Policy

/// Where the name proxy of a session listens: in the session's own network namespace, which has nothing else.
///
/// A policy with names implies TCP to it, unwritten but printed.
public enum NameDoor {
    /// The usual port of proxies; in a namespace of its own nobody else has it.
    public static let port: UInt16 = 3_128
    public static let address = IPAddress.v4(0x7f00_0001)

    static let pattern = EndpointPattern(addresses: .one(address), ports: .one(port))
}
