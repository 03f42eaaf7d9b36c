import Glibc
import KernelPlan

/// Who performs the acts unconfined, and owns what is made ready for them.
struct ControlIdentity: Sendable, Hashable {
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
    /// For people.
    var name: String
    /// Nil where the host knows none.
    var home: String?
    /// Whether it is another than whoever asks: root does not try as root, which may do what no server may.
    var isChosen: Bool

    /// You; for root the user that was named, else nobody. Nil for a user that there is not.
    static func of(_ user: String?) -> ControlIdentity? {
        guard geteuid() == 0 else {
            return ControlIdentity(uid: geteuid(), gid: getegid(), groups: [], name: "you", home: nil, isChosen: false)
        }
        return account(user ?? "nobody")
    }

    /// getpwnam_r(3), getgrouplist(3).
    private static func account(_ name: String) -> ControlIdentity? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil, entry.pw_uid != 0 else { return nil }
        var count: Int32 = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        let result = getgrouplist(entry.pw_name, entry.pw_gid, &list, &count)
        let groups = result < 0 ? [entry.pw_gid] : list.prefix(Int(count)).map { $0 }
        return ControlIdentity(
            uid: entry.pw_uid, gid: entry.pw_gid, groups: groups, name: name, home: String(cString: entry.pw_dir), isChosen: true)
    }

    var caller: LaunchFacts.Caller { LaunchFacts.Caller(uid: uid, gid: gid, groups: groups) }

    /// What the prober is told to become before it tries anything.
    var arguments: [String] { isChosen ? ["--as", "\(uid)", "\(gid)"] + groups.map { "\($0)" } : [] }
}
