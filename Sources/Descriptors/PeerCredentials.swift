import CLinux

/// Who is on the other side of a unix socket, as of the moment it connected.
public struct PeerCredentials: Hashable, Sendable {
    public let process: Int32
    public let user: UInt32
    public let group: UInt32
    /// Supplementary groups.
    public let groups: [UInt32]

    public init(process: Int32, user: UInt32, group: UInt32, groups: [UInt32]) {
        self.process = process
        self.user = user
        self.group = group
        self.groups = groups
    }
}

extension Descriptor where Self: ~Copyable {
    /// getsockopt(2), `SO_PEERCRED` and `SO_PEERGROUPS`.
    public func peerCredentials() throws(Errno) -> PeerCredentials {
        var peer = clx_peer()
        _ = try retryingNegative { clx_peer_credentials(number, &peer) }
        return PeerCredentials(process: peer.pid, user: peer.uid, group: peer.gid, groups: try peerGroups())
    }

    /// `NGROUPS_MAX` is 65,536: a peer with more than a few hundred is rare, so that the room grows only when the kernel says so.
    private func peerGroups() throws(Errno) -> [UInt32] {
        var capacity = 256
        while true {
            var groups = [UInt32](repeating: 0, count: capacity)
            do {
                let count = try retryingNegative { clx_peer_groups(number, &groups, Int32(capacity)) }
                return Array(groups.prefix(Int(count)))
            } catch {
                if error != .outOfRange || capacity > 65_536 { throw error }
                capacity *= 16
            }
        }
    }

    /// getsockopt(2), `SO_PEERPIDFD` (Linux 6.5); nil on older kernels.
    public func peerProcessDescriptor() throws(Errno) -> OwnedDescriptor? {
        do {
            return OwnedDescriptor(owning: try retryingNegative { clx_peer_pidfd(number) })
        } catch {
            if error == .noProtocolOption { return nil }
            throw error
        }
    }
}
