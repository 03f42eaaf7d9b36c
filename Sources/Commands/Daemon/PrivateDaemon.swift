import CLinux
import Descriptors
import Glibc

/// `sandboxd --private`: the same program as the daemon, run as the caller for one session, over an inherited socket.
struct PrivateDaemon: Sendable {
    let path: String
    private let process: pid_t

    /// The process and our end of its control socket.
    struct Started: ~Copyable {
        let daemon: PrivateDaemon
        let socket: OwnedDescriptor
    }

    /// Where the child finds its end.
    private static let childSocket: Int32 = 3
    /// Milliseconds that it may take to finish its record.
    private static let patience: Int32 = 5_000

    static func start(_ environment: CallerEnvironment) throws(DaemonProblem) -> Started {
        let path = try program()
        let state = try stateDirectory(environment)
        do {
            let pair = try SocketPair(.stream)
            let arguments = ["sandboxd", "--private", String(childSocket), "--state", state]
            let process = try spawn(path, arguments, socket: pair.second.number)
            return Started(daemon: PrivateDaemon(path: path, process: process), socket: pair.first)
        } catch {
            throw .cannotStart(path: path, error)
        }
    }

    /// Waits until it has ended, but not for ever.
    func waitForEnd() {
        let number = clx_pidfd_open(process)
        guard number >= 0 else { return }
        let pidfd = OwnedDescriptor(owning: number)
        var entry = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, Self.patience) > 0 { waitpid(process, nil, 0) }
    }

    /// The sibling of this program. As root: only one that root alone may change.
    static func program(_ name: String = "sandboxd") throws(DaemonProblem) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { throw .noProgram(path: "/proc/self/exe", .last) }
        let own = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let directory = own.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(own[..<$0]) } ?? ""
        let path = directory + "/" + name
        let status = try status(of: path, program: path)
        guard status.isRegularFile else { throw .noProgram(path: path, .noEntry) }
        let holder = try Self.status(of: directory, program: path)
        if geteuid() == 0, !isRootsAlone(status) || !isRootsAlone(holder) { throw .unsafeProgram(path: path) }
        return path
    }

    private static func status(of path: String, program: String) throws(DaemonProblem) -> FileStatus {
        do { return try WorkingDirectory().status(of: path, followingLinks: false) } catch { throw .noProgram(path: program, error) }
    }

    private static func isRootsAlone(_ status: FileStatus) -> Bool { status.owner == 0 && status.permissions & 0o022 == 0 }

    /// `$XDG_STATE_HOME/sandboxd`, made with the directories above it.
    private static func stateDirectory(_ environment: CallerEnvironment) throws(DaemonProblem) -> String {
        guard let base = environment.directory("XDG_STATE_HOME", belowHome: ".local/state") else { throw .noHome }
        let path = base + "/sandboxd"
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            do { try WorkingDirectory().makeDirectory(made, mode: 0o700) } catch {
                if error == .exists || (try? WorkingDirectory().status(of: made).isDirectory) == true { continue }
                throw .noStateDirectory(path: made, error)
            }
        }
        return path
    }

    /// posix_spawn(3) with the socket as descriptor 3, standard error shared, in a process group of its own so that a terminal's signals pass it by.
    private static func spawn(_ path: String, _ arguments: [String], socket: Int32) throws(Errno) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, socket, childSocket)
        var defaults = sigset_t()
        sigfillset(&defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, path, &actions, &attributes, words, environ)
        guard error == 0 else { throw Errno(code: error) }
        return process
    }
}
