import CLinux
import Descriptors
import Glibc

/// The log that sandboxd keeps, for commands that were given no PATH: read in its files by whoever may do that, else in a copy over the control API.
enum DaemonLog {
    static let paragraph = """
        Without PATH it is the log that sandboxd keeps: \(ReceiptPlace.daemonLog), or, for whoever may not read it
        there, a copy that is asked of sandboxd (as a member of the group sandboxd-auditors) and is gone with this command. A
        receipt says who asked.
        """

    /// Milliseconds between two looks at what came.
    private static let pause: Int32 = 500

    /// Runs a command on the log. `growing`: the copy is kept up to date meanwhile; `options`: what the command needs besides for a copy.
    static func run(
        _ invocation: Invocation, _ console: Console, growing: Bool = false, options: [String] = [],
        _ body: (Invocation, Console) -> ExitStatus
    ) -> ExitStatus {
        guard invocation.arguments.isEmpty else { return body(invocation, console) }
        let line = { (copy: String) in Self.words + options + [copy] }
        return run(invocation, console, growing: growing, line) { path in
            var named = invocation
            named.add(argument: path)
            return body(named, console)
        }
    }

    /// The same for a command whose option names the log, `daemon` for this one.
    static func run(_ invocation: Invocation, _ console: Console, named option: String, _ body: (String) -> ExitStatus) -> ExitStatus {
        let line = { (copy: String) in Self.words(with: copy, for: option) }
        return run(invocation, console, growing: false, line, body)
    }

    /// `words`: the command line that reads a copy at a path.
    private static func run(
        _ invocation: Invocation, _ console: Console, growing: Bool, _ words: (String) -> [String], _ body: (String) -> ExitStatus
    ) -> ExitStatus {
        let socket: String
        switch DaemonChoice(invocation, .current()) {
        case .system where isReadable: return body(ReceiptPlace.daemonLog)
        case .system: socket = DaemonChoice.systemSocket
        case .socket(let path): socket = path
        // Each of the private ones has a log of its own.
        case .personal:
            console.warn(ProblemText.text(("no log is named", LogPlace.help), console.errorStyle))
            return .usage
        }
        do throws(LogCopy.Problem) {
            let copy = try LogCopy(of: socket)
            defer { copy.remove() }
            return try run(on: copy, growing: growing, words)
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    private static var isReadable: Bool {
        do throws(Errno) { _ = try WorkingDirectory().open(ReceiptPlace.daemonLog, [.read, .directory]) } catch { return error != .access }
        return true
    }

    /// The same command line in a process of its own, so that whatever ends it the copy is removed here.
    private static func run(on copy: LogCopy, growing: Bool, _ words: (String) -> [String]) throws(LogCopy.Problem) -> ExitStatus {
        let signals = [SIGINT, SIGTERM, SIGHUP]
        let number = clx_signal_create(signals, Int32(signals.count))
        guard number >= 0 else { throw .local(copy.path, Errno(code: -number)) }
        let heard = OwnedDescriptor(owning: number)
        try copy.refresh()
        let process = try spawn(words(copy.path))
        var entry = pollfd(fd: heard.number, events: Int16(POLLIN), revents: 0)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            if poll(&entry, 1, growing ? pause : 20) > 0 {
                // The terminal tells both; whoever tells this process alone means both.
                kill(process, SIGTERM)
                waitpid(process, &status, 0)
                break
            }
            if growing { try refresh(copy, or: process) }
        }
        let signal = status & 0x7f
        return ExitStatus(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
    }

    private static func refresh(_ copy: LogCopy, or process: pid_t) throws(LogCopy.Problem) {
        do throws(LogCopy.Problem) { try copy.refresh() } catch {
            kill(process, SIGTERM)
            waitpid(process, nil, 0)
            throw error
        }
    }

    /// This process's own.
    private static var words: [String] {
        let bytes = (try? WorkingDirectory().contents(of: "/proc/self/cmdline", limit: 1 << 21)).flatMap { $0 } ?? []
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    /// This process's own, with the path of a copy where the option says `daemon`. What stands behind `--` is another's.
    private static func words(with path: String, for option: String) -> [String] {
        var words = Self.words
        let end = words.firstIndex(of: "--") ?? words.endIndex
        for index in words.indices.prefix(upTo: end) {
            if words[index] == "--\(option)=\(NamedLog.daemon)" { words[index] = "--\(option)=\(path)" }
            if words[index] == NamedLog.daemon, index > 0, words[index - 1] == "--\(option)" { words[index] = path }
        }
        return words
    }

    private static func spawn(_ arguments: [String]) throws(LogCopy.Problem) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, "/proc/self/exe", nil, &attributes, words, environ)
        guard error == 0 else { throw .local("/proc/self/exe", Errno(code: error)) }
        return process
    }
}
