import Policy

extension IPAddress {
    /// IPv4 addresses that this one stands for, or leads to: mapped and compatible ones (RFC 4291), behind a translator (RFC 6052), by 6to4
    /// (RFC 3056) and by Teredo (RFC 4380, server and client).
    var embedded: [IPAddress] {
        guard case .v6(let high, let low) = self else { return [] }
        let last = UInt32(truncatingIfNeeded: low)
        if high == 0, low >> 32 == 0xffff || low >> 32 == 0 && low > 1 { return [.v4(last)] }
        if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 { return [.v4(last)] }
        if high >> 48 == 0x2002 { return [.v4(UInt32(truncatingIfNeeded: high >> 16))] }
        if high >> 32 == 0x2001_0000 { return [.v4(UInt32(truncatingIfNeeded: high)), .v4(~last)] }
        return []
    }

    /// Whether whoever connects to it reaches the public network, whatever the address is written in. Prefixes of translators other than the
    /// well-known one are somebody's own, and none of it.
    var leadsToPublic: Bool {
        let inner = embedded
        return inner.isEmpty ? isPublic : inner.allSatisfy(\.isPublic)
    }

    private var isPublic: Bool {
        !EndpointPattern.Addresses.notPublic.contains { $0.network.width == width && masked(to: $0.prefix) == $0.network }
    }
}
