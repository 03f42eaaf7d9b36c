extension EndpointPattern.Addresses {
    /// What `public` leaves out: unspecified, loopback, link-local, private, carrier-grade, unique-local and multicast (RFC 6890).
    public static let notPublic: [(network: IPAddress, prefix: Int)] = [
        (.v4(0), 8), (.v4(0x7f00_0000), 8), (.v4(0xa9fe_0000), 16), (.v4(0x0a00_0000), 8), (.v4(0xac10_0000), 12), (.v4(0xc0a8_0000), 16),
        (.v4(0x6440_0000), 10), (.v4(0xe000_0000), 4), (.v6(high: 0, low: 0), 128), (.v6(high: 0, low: 1), 128),
        (.v6(high: 0xfe80_0000_0000_0000, low: 0), 10), (.v6(high: 0xfc00_0000_0000_0000, low: 0), 7),
        (.v6(high: 0xff00_0000_0000_0000, low: 0), 8),
    ]
}
