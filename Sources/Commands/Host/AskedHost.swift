import ControlProtocol
import Descriptors
import KernelPlan

/// A host profile, and who said so.
struct AskedHost: Sendable, Hashable {
    let profile: HostProfile
    /// Who may start sessions there.
    let starters: Starters
    /// Where it keeps what outlives sessions; nil where nobody asked.
    private(set) var store: StoreSummary?
    /// The socket's path, or the private daemon's program.
    let daemon: String
    /// There was no socket, and a private daemon was started.
    let isFallback: Bool

    /// Nanoseconds that the probes may take.
    private static let patience: UInt64 = 60_000_000_000

    /// Asks the daemon that the command line names.
    init(_ invocation: Invocation, _ environment: CallerEnvironment, withStore: Bool = false) throws(HostFailure) {
        var daemon: DaemonConnection
        do { daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment) } catch { throw .daemon(error) }
        self.daemon = daemon.name
        isFallback = daemon.isFallback
        do {
            let reply = try HostProfileReply(try daemon.client.call(.hostProfile, deadline: Clock.monotonic + Self.patience))
            profile = reply.profile
            starters = reply.starters
            if withStore { store = try DaemonStatus(try daemon.client.call(.status, deadline: Clock.monotonic + Self.patience)).store }
        } catch {
            throw .call(error)
        }
        daemon.finish()
    }

    /// Asks over a connection that goes on.
    init(_ line: DaemonLine) throws(HostFailure) {
        do throws(DaemonProblem) { try line.open() } catch { throw .daemon(error) }
        daemon = line.name
        isFallback = line.isFallback
        do {
            let reply = try HostProfileReply(try line.call(.hostProfile, deadline: Clock.monotonic + Self.patience))
            profile = reply.profile
            starters = reply.starters
        } catch {
            throw .call(error)
        }
    }

    /// One line: who was asked.
    var origin: String {
        let name = Escaping.quoted(daemon)
        return switch profile.custody {
        case .daemon: "asked of sandboxd at \(name)"
        case .user where isFallback: "asked of a private sandboxd, since none listens at \(Escaping.quoted(DaemonChoice.systemSocket))"
        case .user: "asked of a private sandboxd"
        }
    }
}

/// Why there is no profile.
enum HostFailure: Error, Sendable, Hashable {
    case daemon(DaemonProblem)
    case call(ControlCallFailure)
    case unreadable(String, Errno)
    case malformed(String, String)

    var words: (message: String, help: String?) {
        switch self {
        case .daemon(let problem): (problem.words.message, problem.words.help)
        case .call(.answered(let error)): error.words
        case .call(let failure): ("sandboxd did not answer: \(failure.words)", "see its log")
        case .unreadable(let path, let error): ("cannot read \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil)
        case .malformed(let path, let what):
            ("\(Escaping.quoted(path)) is not a host profile: \(Escaping.line(what))", "save one with `sandboxctl doctor --json`")
        }
    }

    var status: ExitStatus {
        switch self {
        case .daemon, .call: .unreachable
        case .unreadable, .malformed: .usage
        }
    }
}
