import Policy

extension IPAddress {
    /// From 16 bytes, in which IPv4 lies in ::ffff:0:0/96: what `mappedBytes` writes.
    init(mappedBytes bytes: [UInt8]) {
        let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes.dropFirst(8).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self = IPAddress.v6(high: high, low: low).unmapped
    }
}
