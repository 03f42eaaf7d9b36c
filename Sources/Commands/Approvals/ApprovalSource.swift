import ControlProtocol
import Descriptors
import Glibc

/// A daemon where calls may wait for a person.
final class ApprovalSource {
    var client: ControlClient
    /// How it is called in messages.
    let name: String

    /// Nanoseconds for an answer.
    static let patience: UInt64 = 5_000_000_000

    init(_ client: consuming ControlClient, name: String) {
        self.client = client
        self.name = name
    }

    /// The daemon that was chosen; where there is none, the private ones of this user, as many as there are.
    static func all(_ choice: DaemonChoice, _ environment: CallerEnvironment) throws(DaemonProblem) -> [ApprovalSource] {
        switch choice {
        case .socket(let path): return [try DaemonConnection.reach(path)]
        case .personal: return personal(environment)
        case .system:
            do { return [try DaemonConnection.reach(DaemonChoice.systemSocket)] } catch {
                guard case .cannotConnect(_, .noEntry) = error else { throw error }
                return personal(environment)
            }
        }
    }

    /// Those that answer; a socket that nobody serves any more is taken away.
    private static func personal(_ environment: CallerEnvironment) -> [ApprovalSource] {
        directories(environment).flatMap { directory in
            names(in: directory).compactMap { name in
                let path = directory + "/" + name
                do throws(DaemonProblem) {
                    return try DaemonConnection.reach(path)
                } catch {
                    if case .cannotConnect(_, .connectionRefused) = error { try? WorkingDirectory().unlink(path) }
                    return nil
                }
            }
        }
    }

    /// Where private daemons listen, with the runtime directory that this process has and without.
    private static func directories(_ environment: CallerEnvironment) -> [String] {
        let runtime = environment["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 + "/sandboxd" : nil }
        let state = environment.directory("XDG_STATE_HOME", belowHome: ".local/state").map { $0 + "/sandboxd/sockets" }
        return [runtime, state].compactMap(\.self)
    }

    private static func names(in directory: String) -> [String] {
        guard let folder = try? WorkingDirectory().open(directory, [.read, .directory]), let names = try? folder.names() else { return [] }
        return names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasSuffix(".sock") }.sorted()
    }

    /// Asks, with a deadline.
    func call(_ method: ControlInterface.Method, _ message: consuming ControlMessage = ControlMessage()) throws(ControlCallFailure)
        -> ControlMessage
    {
        try client.call(method, message, deadline: Clock.monotonic + Self.patience)
    }
}
