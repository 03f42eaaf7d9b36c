import Glibc
import KernelPlan

/// A user of the host, by name (passwd(5), group(5)).
struct Account: Sendable, Hashable {
    var name: String
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
    var home: String

    /// getpwnam_r(3) and getgrouplist(3); `nil` for a name that nobody has.
    init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        self.init(entry)
    }

    /// getpwuid_r(3); `nil` for a uid without an entry.
    init?(uid: UInt32) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        self.init(entry)
    }

    private init(_ entry: passwd) {
        name = String(cString: entry.pw_name)
        uid = entry.pw_uid
        gid = entry.pw_gid
        home = String(cString: entry.pw_dir)
        var count: Int32 = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        let result = getgrouplist(entry.pw_name, entry.pw_gid, &list, &count)
        groups = result < 0 ? [entry.pw_gid] : list.prefix(Int(count)).map { $0 }
    }

    var caller: LaunchFacts.Caller { LaunchFacts.Caller(uid: uid, gid: gid, groups: groups) }
}
