import CLinux
import Descriptors
import Kernel

/// Where the daemon keeps what outlives it. One wire name per path, here and nowhere else.
struct StateDirectory: Sendable, Hashable {
    let path: String
    /// The directory of the user's private daemons, whose store this one shares; nil for a daemon that has its own.
    var shared: String?

    /// What outlives sessions: the private daemons of one user share it.
    var store: String { (shared ?? path) + "/store" }
    /// SHA-256 of what sessions start, by what tells a file's content: shared like the store.
    var fileDigests: String { (shared ?? path) + "/file-digests" }
    /// The log and its key.
    var evidence: String { path + "/evidence" }
    /// One append-only file a session, until it is folded into the log.
    var spools: String { path + "/spools" }
    /// The same of each session's name proxy, where it has one.
    var connections: String { path + "/connections" }
    /// What the next daemon must know of each session, and how it ended.
    var sessions: String { path + "/sessions" }
    /// Private homes of `user: session`.
    var homes: String { path + "/homes" }
    /// Listening sockets of the keepers.
    var keepers: String { path + "/keepers" }
    /// A bpffs of our own: pins of each session's links.
    var bpffs: String { path + "/bpf" }

    /// What must outlive the host, where a policy says so: receipts on their way, the log, and what says whose they are.
    var durable: [String] { [spools, connections, sessions, evidence] }

    /// Where the uids of sessions stand.
    var users: UserMark { UserMark(path: path + "/uids") }

    func spool(_ session: String) -> String { spools + "/" + session }
    func connectionSpool(_ session: String) -> String { connections + "/" + session }
    func record(_ session: String) -> String { sessions + "/" + session + ".json" }
    func documents(_ session: String) -> String { sessions + "/" + session + ".documents" }
    func ending(_ session: String) -> String { sessions + "/" + session + ".end" }
    func home(_ session: String) -> String { homes + "/" + session }
    func keeper(_ session: String) -> String { keepers + "/" + session }
    func pins(_ session: String) -> String { bpffs + "/" + session }

    /// Makes what is missing. Where sessions have users of their own, these can pass through to `homes`, and nowhere else.
    func make(forOthers: Bool) throws(Errno) {
        for directory in [path, homes] { try Self.make(directory, mode: forOthers ? 0o711 : 0o700) }
        for directory in [evidence, spools, connections, sessions, keepers, bpffs] { try Self.make(directory, mode: 0o700) }
    }

    /// Makes the directories above, for the caller alone.
    func makeParents() throws(Errno) {
        var made = ""
        for name in path.split(separator: "/").dropLast() {
            made += "/" + name
            do { try WorkingDirectory().makeDirectory(made) } catch {
                if error != .exists, error != .access, error != .readOnly { throw error }
            }
        }
    }

    /// Mounts the bpffs unless it is mounted; root only (mount(2)).
    func mountBPF() throws(Errno) {
        let directory = try WorkingDirectory().open(bpffs, [.read, .directory])
        guard clx_filesystem_magic(directory.number) != Self.bpffsMagic else { return }
        let result = clx_mount_bpffs(bpffs)
        guard result >= 0 else { throw Errno(code: -result) }
    }

    /// Leaves no mount behind; while a session lives its pins keep it busy, and it stays.
    func unmountBPF() {
        guard let directory = try? WorkingDirectory().open(bpffs, [.read, .directory]), let names = try? directory.names() else { return }
        // The kernel puts files of its own there.
        guard names.allSatisfy({ String(decoding: $0, as: UTF8.self).hasSuffix(".debug") }) else { return }
        _ = clx_unmount(bpffs)
    }

    /// BPF_FS_MAGIC of statfs(2).
    private static let bpffsMagic: Int64 = 0xcafe_4a11

    private static func make(_ path: String, mode: UInt32) throws(Errno) {
        do { try WorkingDirectory().makeDirectory(path, mode: mode) } catch {
            if error != .exists { throw error }
        }
        let directory = try WorkingDirectory().open(path, [.read, .directory])
        try directory.setPermissions(mode)
    }
}
