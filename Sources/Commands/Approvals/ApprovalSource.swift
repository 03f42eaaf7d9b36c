import ControlProtocol
import Descriptors
import Glibc

/// A daemon where calls may wait for a person, and that keeps sessions.
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
        case .personal: return Reached(personal: environment).sources
        case .system:
            do { return [try DaemonConnection.reach(DaemonChoice.systemSocket)] } catch {
                guard case .cannotConnect(_, .noEntry) = error else { throw error }
                return Reached(personal: environment).sources
            }
        }
    }

    /// Daemons that were asked for an answer, and why some gave none.
    struct Reached {
        private(set) var sources: [ApprovalSource] = []
        private(set) var problems: [DaemonProblem] = []

        /// The private ones of this user. A socket that nobody serves any more is taken away.
        init(personal environment: CallerEnvironment) { addPersonal(environment) }

        /// All that may keep sessions of this user: the one that is named, or the system's where there is one, and the private ones.
        init(keeping choice: DaemonChoice, _ environment: CallerEnvironment) {
            if case .socket(let path) = choice {
                do throws(DaemonProblem) { sources = [try DaemonConnection.reach(path)] } catch { problems = [error] }
                return
            }
            addPersonal(environment)
            if case .system = choice { reach(DaemonChoice.systemSocket) }
        }

        private mutating func addPersonal(_ environment: CallerEnvironment) {
            for directory in ApprovalSource.directories(environment) {
                for name in ApprovalSource.names(in: directory) { reach(directory + "/" + name) }
            }
        }

        private mutating func reach(_ path: String) {
            do throws(DaemonProblem) { sources.append(try DaemonConnection.reach(path)) } catch {
                switch error {
                case .cannotConnect(_, .noEntry): break
                case .cannotConnect(_, .connectionRefused) where path != DaemonChoice.systemSocket:
                    try? WorkingDirectory().unlink(path)
                case .cannotConnect, .foreign, .silent, .noProgram, .unsafeProgram, .cannotStart, .noStateDirectory, .noHome:
                    problems.append(error)
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
