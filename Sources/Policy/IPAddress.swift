/// An IPv4 or IPv6 address, as the number it is. An IPv4-mapped IPv6 address is not equal to its IPv4 address here: whoever judges un-maps first.
public enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// The 16 bytes that the kernel's maps are keyed by: IPv4 lies in ::ffff:0:0/96.
    public var mappedBytes: [UInt8] {
        switch self {
        case .v4(let value): Self.bytes(of: 0) + Self.bytes(of: 0x0000_ffff_0000_0000 | UInt64(value))
        case .v6(let high, let low): Self.bytes(of: high) + Self.bytes(of: low)
        }
    }

    /// ::ffff:a.b.c.d as a.b.c.d; everything else as it is.
    public var unmapped: IPAddress {
        if case .v6(0, let low) = self, low >> 32 == 0xffff { return .v4(UInt32(truncatingIfNeeded: low)) }
        return self
    }

    public var isUnspecified: Bool {
        switch unmapped {
        case .v4(let value): value == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }

    /// 169.254.0.0/16 or fe80::/10.
    public var isLinkLocal: Bool {
        switch unmapped {
        case .v4(let value): value >> 16 == 0xa9fe
        case .v6(let high, _): high >> 54 == 0x3fa
        }
    }

    public var isLoopback: Bool {
        switch unmapped {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    static func bytes(of value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}
