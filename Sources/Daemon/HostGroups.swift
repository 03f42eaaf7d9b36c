import Descriptors
import Glibc

/// The host's groups, looked up when somebody asks: who has left one meanwhile, or started anew since, is no member.
struct HostGroups {
    /// Whose members may start sessions.
    static let users = "sandboxd-users"
    /// Whose members decide about calls, where the policy does not say.
    static let approvers = "sandboxd-approvers"
    /// Whose members read everything.
    static let auditors = "sandboxd-auditors"

    /// A group's number; nil for a name that no group has. Throws where that cannot be known.
    var number: (_ name: String) throws(Errno) -> UInt32?

    static var host: HostGroups { HostGroups { name throws(Errno) in try find(name) } }

    /// The same for whoever asks often: what was found is known for a second, or until the file of groups is another.
    static func remembered() -> HostGroups {
        let memory = GroupMemory()
        return HostGroups { name throws(Errno) in try memory.number(name) }
    }

    /// Whether a peer is in the group; where there is none, `absent`.
    func include(_ peer: PeerCredentials, in name: String, absent: Bool = false) throws(Errno) -> Bool {
        guard let group = try number(name) else { return absent }
        return peer.group == group || peer.groups.contains(group)
    }

    /// A group may have so many members that their names take this many bytes.
    private static let bufferLimit = 16 << 20

    /// getgrnam_r(3).
    fileprivate static func find(_ name: String) throws(Errno) -> UInt32? {
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

/// What was found a moment ago. What could not be known is asked anew.
private final class GroupMemory {
    private struct Found {
        let number: UInt32?
        /// Monotonic nanoseconds.
        let until: UInt64
        let file: FileStatus?
    }

    private var found: [String: Found] = [:]

    func number(_ name: String) throws(Errno) -> UInt32? {
        let file = try? WorkingDirectory().status(of: "/etc/group")
        let now = Clock.monotonic
        if let known = found[name], known.until > now, known.file == file { return known.number }
        let number = try HostGroups.find(name)
        found[name] = Found(number: number, until: now + 1_000_000_000, file: file)
        return number
    }
}
