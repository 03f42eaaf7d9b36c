public import Policy

/// Endpoints as the maps hold them: single ones in a hash, sets of addresses in a trie of disjoint regions.
public struct EndpointTable: Sendable, Hashable {
    /// Sorted, unique.
    public var entries: [Entry]
    /// Sorted; an address belongs to the longest prefix that it begins with, and to no other.
    public var regions: [Region]

    /// One port at one address, or a wildcard for one of the two.
    public struct Entry: Sendable, Hashable {
        /// `nil`: every address.
        public var address: IPAddress?
        /// `nil`: every port.
        public var port: UInt16?

        public init(address: IPAddress?, port: UInt16?) {
            self.address = address
            self.port = port
        }
    }

    /// The addresses that begin with a prefix and with no longer prefix of the table.
    public struct Region: Sendable, Hashable {
        /// 16 bytes, IPv4 as ::ffff:0:0/96; bits behind the prefix are zero.
        public var address: [UInt8]
        /// 0...128.
        public var prefix: Int
        /// Disjoint, ascending, not adjoining; at most `rangeLimit`.
        public var ports: [ClosedRange<UInt16>]

        public init(address: [UInt8], prefix: Int, ports: [ClosedRange<UInt16>]) {
            self.address = address
            self.prefix = prefix
            self.ports = ports
        }
    }

    /// Ranges that one region can hold (`EGRESS_RANGES_MAX`).
    public static let rangeLimit = 32

    public init(entries: [Entry], regions: [Region] = []) {
        self.entries = entries
        self.regions = regions
    }
}
