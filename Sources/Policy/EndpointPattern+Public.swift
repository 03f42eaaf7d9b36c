extension EndpointPattern.Addresses {
    /// What `public` leaves out: unspecified, loopback, link-local, private, carrier-grade, unique-local and multicast (RFC 6890); what may
    /// stand for such an IPv4 address inside of an IPv6 one (compatible, NAT64, 6to4, Teredo); and what is nobody's on the Internet
    /// (protocol assignments, benchmarking, reserved, site-local).
    public static let notPublic: [(network: IPAddress, prefix: Int)] = [
        (.v4(0), 8), (.v4(0x7f00_0000), 8), (.v4(0xa9fe_0000), 16), (.v4(0x0a00_0000), 8), (.v4(0xac10_0000), 12), (.v4(0xc0a8_0000), 16),
        (.v4(0x6440_0000), 10), (.v4(0xc000_0000), 24), (.v4(0xc612_0000), 15), (.v4(0xe000_0000), 4), (.v4(0xf000_0000), 4),
        (.v6(high: 0, low: 0), 96), (.v6(high: 0x0064_ff9b_0000_0000, low: 0), 96), (.v6(high: 0x0064_ff9b_0001_0000, low: 0), 48),
        (.v6(high: 0x2001_0000_0000_0000, low: 0), 32), (.v6(high: 0x2002_0000_0000_0000, low: 0), 16),
        (.v6(high: 0xfec0_0000_0000_0000, low: 0), 10),
        (.v6(high: 0xfe80_0000_0000_0000, low: 0), 10), (.v6(high: 0xfc00_0000_0000_0000, low: 0), 7),
        (.v6(high: 0xff00_0000_0000_0000, low: 0), 8),
    ]
}
