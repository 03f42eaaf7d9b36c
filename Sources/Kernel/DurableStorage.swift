import CLinux
public import Descriptors
public import KernelPlan

/// Whether what is synced in a directory outlives a failure of the host's power, as far as the kernel says: a disk that lies about its own
/// cache is not found out.
public enum DurableStorage {
    /// The first directory that keeps nothing is told.
    public static func observe(_ paths: [String]) -> Observation {
        for path in paths {
            do throws(Errno) {
                if let problem = try problem(of: try WorkingDirectory().open(path, [.read, .directory])) {
                    return .absent("\(path) \(problem)")
                }
            } catch {
                return .absent("\(error.name) when \(path) was synced")
            }
        }
        return .works
    }

    /// Why syncing in this directory says nothing, for the end of a sentence; nil where it does. Errors: it cannot be synced.
    public static func problem(of directory: borrowing some Descriptor & ~Copyable) throws(Errno) -> String? {
        switch clx_filesystem_magic(directory.number) {
        case let error where error < 0: throw Errno(code: Int32(-error))
        case tmpfs, ramfs: return "is in memory"
        case overlay where try isVolatile(directory): return "is on an overlay that skips syncing (volatile)"
        default: break
        }
        try directory.synchronize()
        return nil
    }

    /// Of statfs(2); squashfs and the like cannot be written and fail before.
    private static let tmpfs: Int64 = 0x0102_1994
    private static let ramfs: Int64 = 0x8584_58f6
    private static let overlay: Int64 = 0x794c_7630

    /// By the options of the mount that the directory is found in (proc_pid_mountinfo(5)).
    private static func isVolatile(_ directory: borrowing some Descriptor & ~Copyable) throws(Errno) -> Bool {
        var facts = clx_file_facts()
        let result = clx_file_facts(directory.number, &facts)
        guard result >= 0 else { throw Errno(code: -result) }
        let bytes = try WorkingDirectory().contents(of: "/proc/self/mountinfo", limit: 4 << 20) ?? []
        return isVolatile(mount: facts.mount, in: String(decoding: bytes, as: UTF8.self))
    }

    static func isVolatile(mount: UInt64, in mountinfo: String) -> Bool {
        mountinfo.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.first == "\(mount)" && fields.last?.split(separator: ",").contains("volatile") == true
        }
    }
}
