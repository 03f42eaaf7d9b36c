/// Why the proxy does not connect, or does not go on. Raw values are stable: they stand in receipts.
public enum ProxyRefusal: String, Error, Sendable, Hashable, CaseIterable {
    // MARK: What is asked

    /// Bytes that are no request, or one that two readers would read differently.
    case malformed
    /// A request that is well formed and none of this proxy's: another method, protocol version or command.
    case unsupported
    /// A head that is longer than the proxy reads, or does not come to its end in time.
    case tooLong, late
    /// An address where a name belongs.
    case address
    /// No name as policies write it.
    case badName
    /// A `Host` that is not the name of the request.
    case otherHost
    /// The policy does not permit this name and port.
    case notPermitted

    // MARK: What is spoken

    /// Not TLS, where the policy permits TLS only.
    case notTLS
    /// A ClientHello without a name, or with the name hidden (ECH).
    case noName, hiddenName
    /// A ClientHello that asks for another name.
    case otherName

    // MARK: Where it leads

    /// No nameserver gave an address.
    case unresolved
    /// All addresses of the name are loopback, link-local, private or otherwise none of the public network's.
    case insideAddress
    /// Nobody answered at any of the name's addresses.
    case unreachable
}
