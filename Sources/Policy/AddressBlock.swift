/// The addresses of one family that begin with the same bits.
struct AddressBlock: Hashable {
    private let network: IPAddress
    private let prefix: Int

    init(_ network: IPAddress, prefix: Int) {
        self.network = network
        self.prefix = prefix
    }

    /// One address, as connect(2) takes it: the unspecified one means loopback.
    init(_ address: IPAddress) {
        let connected: IPAddress =
            switch address.unmapped {
            case .v4(0): .v4(0x7f00_0001)
            case .v6(0, 0): .v6(high: 0, low: 1)
            case let other: other
            }
        self.init(connected, prefix: connected.width)
    }

    func covers(_ other: AddressBlock) -> Bool {
        network.width == other.network.width && prefix <= other.prefix && other.network.masked(to: prefix) == network
    }

    var isPublic: Bool { !Self.notPublic.contains { $0.covers(self) } }

    /// The largest blocks within this one that hold nothing of what `public` leaves out; no more than a few hundred.
    var publicParts: [AddressBlock] {
        if !isPublic { return [] }
        guard Self.notPublic.contains(where: covers), let halves else { return [self] }
        return halves.flatMap(\.publicParts)
    }

    var addresses: EndpointPattern.Addresses { prefix == network.width ? .one(network) : .network(network, prefix: prefix) }

    private static let notPublic = EndpointPattern.Addresses.notPublic.map { AddressBlock($0.network, prefix: $0.prefix) }

    private var halves: [AddressBlock]? {
        guard prefix < network.width else { return nil }
        return [AddressBlock(network, prefix: prefix + 1), AddressBlock(network.setting(bit: prefix), prefix: prefix + 1)]
    }
}

extension IPAddress {
    /// With one bit set, counted from the first.
    fileprivate func setting(bit: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(value | 1 << UInt32(31 - bit))
        case .v6(let high, let low):
            bit < 64 ? .v6(high: high | 1 << UInt64(63 - bit), low: low) : .v6(high: high, low: low | 1 << UInt64(127 - bit))
        }
    }
}
