import CLinux
import Descriptors
import Glibc

/// The prober as a process of ours, unconfined: the positive control, and what attempts find outside.
struct FreeProber: ~Copyable {
    var talk: ProberTalk
    let process: pid_t
    private var hasEnded = false

    /// A descriptor that the process inherits, for the attempt that asks for such.
    private static let inherited: Int32 = 9

    /// posix_spawn(3).
    init(_ path: String, as identity: ControlIdentity, environment: [[UInt8]]) throws(Errno) {
        let input = try Pipe()
        let output = try Pipe()
        process = try Self.spawn(
            path, ["sandbox-prober"] + identity.arguments, environment, input: input.reader.number, output: output.writer.number)
        talk = ProberTalk(input: input.writer, output: output.reader)
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [[UInt8]], input: Int32, output: Int32
    ) throws(Errno) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, inherited, "/dev/null", O_RDONLY, 0)
        var defaults = sigset_t()
        sigfillset(&defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { variable in variable.withUnsafeBufferPointer { bytes in copied(bytes) } } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, path, &actions, &attributes, words, variables)
        guard error == 0 else { throw Errno(code: error) }
        return process
    }

    private static func copied(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeMutablePointer<CChar>? {
        bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.flatMap { strndup($0, bytes.count) } }
    }

    /// waitpid(2) until a deadline: the exit status, 128 and the signal, or nil while it lives.
    mutating func end(until deadline: UInt64) -> Int32? {
        guard !hasEnded else { return nil }
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard Clock.monotonic < deadline else { return nil }
            usleep(1_000)
        }
        hasEnded = true
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    deinit {
        guard !hasEnded else { return }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}
