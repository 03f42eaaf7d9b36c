public import Policy

/// Which of a name's addresses may be connected to: those of the public network, and of others what the policy permits by address too.
public struct AddressFilter: Sendable {
    /// Of `egress.tcp`.
    private let permitted: [EndpointPattern]

    /// Where one cloud answers its guests, at an address that looks public; those of others are link-local, shared or unique-local.
    private static let metadata: Set<IPAddress> = [.v4(0xa83f_8110)]

    public init(permitted: [EndpointPattern]) { self.permitted = permitted }

    public func permits(_ address: IPAddress, port: UInt16) -> Bool {
        let isOutside = address.leadsToPublic && Self.metadata.isDisjoint(with: [address] + address.embedded)
        return isOutside || permitted.contains { $0.addresses.hold(address) && $0.ports.range.contains(port) }
    }
}

extension EndpointPattern.Addresses {
    /// Addresses are taken as they are answered: what stands for another one was not listed by it, but for IPv4 written as IPv6.
    fileprivate func hold(_ answered: IPAddress) -> Bool {
        let address = answered.unmapped
        // Nothing is ever connected to the unspecified address: what the kernel makes of it is loopback.
        guard !address.isUnspecified else { return false }
        switch self {
        case .any: return true
        case .public: return answered.leadsToPublic
        case .one(let own): return own == address
        case .network(let network, let prefix): return network.width == address.width && address.masked(to: prefix) == network
        }
    }
}
