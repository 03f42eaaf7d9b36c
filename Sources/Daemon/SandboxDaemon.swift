import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Glibc
import KernelPlan
import Layers
import Store

/// sandboxd, as `main` calls it.
public enum SandboxDaemon {
    /// Runs until it is told to end; returns the exit status: 0, 2 for usage, 1 when it cannot start.
    public static func main(_ arguments: [String]) -> Int32 { main(arguments, watching: .none) }

    /// For the tests' own program, whose launches fail where it says.
    package static func main(_ arguments: [String], watching watch: LaunchWatch) -> Int32 {
        do throws(DaemonUsage) {
            return run(try DaemonMode(arguments: Array(arguments.dropFirst())), watch)
        } catch {
            say("\(error.text)\n\(DaemonMode.usage)")
            return 2
        }
    }

    private static func run(_ mode: DaemonMode, _ watch: LaunchWatch) -> Int32 {
        do throws(DaemonFailure) {
            switch mode {
            case .help: print(DaemonMode.usage, terminator: "")
            case .version: print("sandboxd \(ControlInterface.productVersion)")
            case .holder: try ScopeHolder.run()
            case .service(let options): try serve(options, watch)
            case .personal(let connection, let state): try serve(personally: connection, state, watch)
            }
            return 0
        } catch {
            say("\(error.text)\n")
            return 1
        }
    }

    private static func serve(_ options: ServiceOptions, _ watch: LaunchWatch) throws(DaemonFailure) {
        guard geteuid() == 0 else { throw .notRoot }
        // Sessions of the daemon before are there already: a signal that came too early would leave them without anybody who ends them.
        do throws(Errno) { try EventLoop.holdSignals(Daemon.signals) } catch { throw .start(error) }
        if let notify = options.notify { try Notifier.requireRoots(notify) }
        let shared = try (options.store ?? StoreKeeper.credential).map { path throws(DaemonFailure) in try sharedStore(path) }
        let environment = ServiceEnvironment.take()
        let passed = try environment.passed.map { passed throws(DaemonFailure) in try take(passed, expecting: options.socket) }
        OpenFiles.raise()
        let daemon = try Daemon(
            state: StateDirectory(path: options.state), custody: .daemon, layers: options.layerDirectory, policies: options.policyDirectory,
            drain: options.drain, users: options.users, journal: options.journal, scopes: options.scopes, watch: watch)
        daemon.serviceManager = ServiceManager(environment, in: daemon.loop)
        daemon.notifier = options.notify.map { Notifier($0, in: daemon.loop) }
        if let shared { daemon.share(shared) }
        daemon.adoptSessions()
        if let metrics = options.metrics { try daemon.serveMetrics(at: metrics) }
        if let passed { try daemon.listen(on: passed) } else { try daemon.listen(at: options.socket) }
        try daemon.run()
    }

    private static func take(_ passed: ServiceEnvironment.Passed, expecting path: String) throws(DaemonFailure) -> OwnedDescriptor {
        do throws(PassedSocket.Problem) { return try PassedSocket.take(passed, expecting: path) } catch { throw .passed(error) }
    }

    private static func sharedStore(_ path: String) throws(DaemonFailure) -> PostgresSettings {
        do throws(PostgresSettings.Problem) { return try PostgresSettings(readingFrom: path) } catch { throw .store(path, error) }
    }

    /// Log, key and session of a private daemon lie in a directory of their own; when there was no session, nothing is left of it.
    private static func serve(personally connection: Int32, _ state: String, _ watch: LaunchWatch) throws(DaemonFailure) {
        let own = StateDirectory(path: state + "/sessions/" + Hex.encode(SecureRandom.bytes(8)), shared: state)
        do throws(Errno) { try own.makeParents() } catch { throw .start(error) }
        let daemon = try Daemon(state: own, custody: .user, watch: watch)
        daemon.personalSocket = PersonalSocket(runtime: getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }, state: state)
        daemon.adopt(OwnedDescriptor(owning: connection), isPrimary: true)
        try daemon.run()
        daemon.personalSocket?.close()
        if !daemon.hadSession { Homes.remove(own.path) }
    }

    private static func say(_ text: String) { try? BorrowedDescriptor.standardError.writeWhole("sandboxd: " + text) }
}
