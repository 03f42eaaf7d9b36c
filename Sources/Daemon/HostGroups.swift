import Descriptors
import Glibc

/// The host's groups, looked up when somebody asks: who has left one meanwhile, or started anew since, is no member.
struct HostGroups: Sendable {
    /// Whose members may start sessions.
    static let users = "sandboxd-users"
    /// Whose members decide about calls, where the policy does not say.
    static let approvers = "sandboxd-approvers"
    /// Whose members read everything.
    static let auditors = "sandboxd-auditors"

    /// A group's number; nil for a name that no group has. Throws where that cannot be known.
    var number: @Sendable (_ name: String) throws(Errno) -> UInt32?

    static let host = HostGroups { name throws(Errno) in try find(name) }

    /// Whether a peer is in the group; where there is none, `absent`.
    func include(_ peer: PeerCredentials, in name: String, absent: Bool = false) throws(Errno) -> Bool {
        guard let group = try number(name) else { return absent }
        return peer.group == group || peer.groups.contains(group)
    }

    /// A group may have so many members that their names take this many bytes.
    private static let bufferLimit = 16 << 20

    /// getgrnam_r(3).
    private static func find(_ name: String) throws(Errno) -> UInt32? {
        var size = 4_096
        while true {
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            var buffer = [CChar](repeating: 0, count: size)
            let code = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            switch code {
            case 0: return found == nil ? nil : entry.gr_gid
            case EINTR: continue
            case ERANGE where size < bufferLimit: size *= 8
            default: throw Errno(code: code)
            }
        }
    }
}
