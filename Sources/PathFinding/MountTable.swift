import Descriptors

/// The mounts of this process's namespace by number (proc_pid_mountinfo(5)). Reading it asks no filesystem anything.
struct MountTable {
    private var types: [UInt64: String] = [:]

    init(_ mountinfo: String) {
        for line in mountinfo.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " ")).map { String($0) ?? "" }
            // NUMBER PARENT DEVICE ROOT POINT OPTIONS [TAG]… - TYPE SOURCE OPTIONS
            guard let first = fields.first, let number = UInt64(first), let dash = fields.dropFirst(6).firstIndex(of: "-"),
                dash + 1 < fields.endIndex
            else { continue }
            types[number] = fields[dash + 1]
        }
    }

    /// Empty where /proc does not say.
    static func own() -> MountTable {
        let bytes = try? WorkingDirectory().open("/proc/self/mountinfo").readAll(limit: 16 << 20)
        return MountTable(String(decoding: (bytes ?? nil) ?? [], as: UTF8.self))
    }

    func type(of mount: UInt64) -> String? { types[mount] }

    /// Filesystems whose questions another machine or process answers, or does not.
    static func isServed(_ type: String) -> Bool { type.utf8.starts(with: "fuse".utf8) || served.contains(type) }

    private static let served: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "ceph", "afs", "coda", "orangefs", "lustre", "gfs2", "ocfs2", "gpfs", "autofs",
        "overlay",
        "ecryptfs",
    ]
}
