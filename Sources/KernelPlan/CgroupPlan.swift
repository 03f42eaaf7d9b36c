public import Policy

/// Programs on the server's cgroup, attached before a process is in it.
public struct CgroupPlan: Sendable, Hashable {
    /// What the connect hooks permit.
    public enum TCP: Sendable, Hashable {
        case none
        case any
        /// Entries of the frozen map; a miss is a denial. Sorted, unique.
        case list([Entry])
    }

    /// One entry: a port at one address, or at every address.
    public struct Entry: Sendable, Hashable {
        /// `nil`: every address.
        public var address: IPAddress?
        public var port: UInt16

        public init(address: IPAddress?, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    public var tcp: TCP

    public init(tcp: TCP) { self.tcp = tcp }
}
