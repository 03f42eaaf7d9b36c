import Evidence
import Layers

/// What sandboxd was asked to be.
enum DaemonMode: Sendable, Hashable {
    /// Serves everybody on a socket, as root.
    case service(ServiceOptions)
    /// Serves one `sandboxctl` on an inherited socket, as the caller.
    case personal(connection: Int32, state: String)
    /// Keeps the cgroup that it was started in for the scopes of a daemon's sessions.
    case holder
    case help
    case version
}

/// A command line that is not understood.
enum DaemonUsage: Error, Sendable, Hashable {
    case unknownOption(String)
    case missingValue(String)
    case badDescriptor(String)
    case notAbsolute(option: String, path: String)
    /// `--layers` for a daemon that a caller starts: whom layers hold does not choose them.
    case ownLayers
    /// `--policies` for a daemon that a caller starts, and `--drain`: it does not reload.
    case ownPolicies
    case badDrain(String)
    case badUsers(String)
    /// `--users` for a daemon that a caller starts: it has no uids to give.
    case ownUsers
    /// `--notify` for a daemon that a caller starts.
    case ownNotifier
    /// `--journal` for a daemon that a caller starts.
    case ownJournal
    case badScopes(String)
    /// `--scopes` for a daemon that a caller starts.
    case ownScopes
    case badMetrics(String)
    /// `--metrics` for a daemon that a caller starts.
    case ownMetrics
    /// `--store-from` for a daemon that a caller starts.
    case ownStore
}

extension DaemonMode {
    private static let standard = ServiceOptions()

    static let usage = """
        usage: sandboxd [--state DIR] [--socket PATH] [--layers DIR] [--policies DIR] [--drain SECONDS]
                        [--users FIRST-LAST] [--notify COMMAND] [--journal PATH] [--scopes CGROUP]
                        [--metrics ADDRESS] [--store-from FILE]
               sandboxd --private DESCRIPTOR --state DIR
               sandboxd --hold

        Runs MCP servers so that a policy is held by a gate and by the kernel. Runs in the
        foreground, as root; it is ready when the socket accepts, and says so to a service manager.
        SIGTERM ends it and its sessions; SIGUSR1 ends it alone: its sessions go on, held as before,
        and the next sandboxd takes them over. SIGHUP reloads policies and layers, as
        `sandboxctl reload` does.

          --state DIR       log, key and sessions (default \(standard.state))
          --socket PATH     where sandboxctl connects (default \(standard.socket))
          --layers DIR      documents that tighten policies (default \(LayerDirectory.defaultPath)); they and
                            the directory must be root's, and writable by nobody else
          --policies DIR    policies of root's (default \(PolicyDirectory.defaultPath)), which sessions that were
                            started from them are held to after a reload, too
          --drain SECONDS   how long a session may go on that a reload ends (default \(standard.drain))
          --users F-L       uids (and gids) of sessions, four for each, that are nobody
                            else's (default \(UserRange.standard.first)-\(UserRange.standard.last))
          --notify COMMAND  a program (an absolute path) that is run as root for each call that
                            waits for a person, with its approval id as the only argument; it and
                            all directories above must be root's, and writable by nobody else
          --journal PATH    the socket of the journal that keeps each checkpoint of the log a second time
                            (default \(JournalFields.socket), else syslog's)
          --scopes CGROUP   where the cgroups of sessions are made: the name of one beside sandboxd's
                            own, or a path in cgroup2 (default: in sandboxd's own). Under a service
                            manager that starts sandboxd anew it must not be its own
          --hold            nothing but to live, in a leaf of the cgroup that it was started in, so that a
                            service manager keeps that one for --scopes
          --metrics ADDRESS where `GET /metrics` is answered for Prometheus: unix:PATH (for root, and the group
                            \(HostGroups.auditors) where there is one), 127.0.0.1:PORT or [::1]:PORT
          --store-from FILE where day budgets, grants and the ledger of refusals are kept when several hosts
                            share them: a file of root's that nobody else may read, with libpq's connection
                            string of a PostgreSQL database (default: the credential \(StoreKeeper.credentialName), where a
                            service manager hands one over; else a file in DIR)
          --private N       one session, as the caller, over the connected socket N; started by sandboxctl
          --version         print the version
          --help            print this

        """

    /// Reads the arguments after the program's name.
    init(arguments: [String]) throws(DaemonUsage) {
        var service = ServiceOptions()
        var connection: Int32?
        // What only a host's daemon takes.
        var ofService: DaemonUsage?
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--help", "-h":
                self = .help
                return
            case "--version":
                self = .version
                return
            case "--hold" where arguments.count == 1:
                self = .holder
                return
            case "--state": service.state = try Self.path(&rest, option)
            case "--socket": service.socket = try Self.path(&rest, option)
            case "--private": connection = try Self.descriptor(&rest, option)
            default: ofService = try service.read(option, &rest)
            }
        }
        if let connection {
            if let ofService { throw ofService }
            self = .personal(connection: connection, state: service.state)
        } else {
            self = .service(service)
        }
    }
}

extension ServiceOptions {
    /// Reads an option that is for a host's daemon alone; returns what is said of it to a private one.
    fileprivate mutating func read(_ option: String, _ rest: inout ArraySlice<String>) throws(DaemonUsage) -> DaemonUsage {
        switch option {
        case "--layers":
            layers = try DaemonMode.path(&rest, option)
            return .ownLayers
        case "--policies":
            policies = try DaemonMode.path(&rest, option)
            return .ownPolicies
        case "--drain":
            drain = try DaemonMode.read(&rest, option, DaemonUsage.badDrain) { text in
                Int(text).flatMap { (0...86_400).contains($0) ? $0 : nil }
            }
            return .ownPolicies
        case "--users":
            users = try DaemonMode.read(&rest, option, DaemonUsage.badUsers) { UserRange(text: $0) }
            return .ownUsers
        case "--notify":
            notify = try DaemonMode.path(&rest, option)
            return .ownNotifier
        case "--journal":
            journal = try DaemonMode.path(&rest, option)
            return .ownJournal
        case "--scopes":
            scopes = try DaemonMode.read(&rest, option, DaemonUsage.badScopes) { ScopePlace(text: $0) }
            return .ownScopes
        case "--metrics":
            metrics = try DaemonMode.read(&rest, option, DaemonUsage.badMetrics) { MetricsAddress(text: $0) }
            return .ownMetrics
        case "--store-from":
            store = try DaemonMode.path(&rest, option)
            return .ownStore
        default: throw .unknownOption(option)
        }
    }
}

extension DaemonMode {
    /// A value that is not any text.
    fileprivate static func read<Value>(
        _ rest: inout ArraySlice<String>, _ option: String, _ problem: (String) -> DaemonUsage, _ parse: (String) -> Value?
    ) throws(DaemonUsage) -> Value {
        let text = try value(&rest, option)
        guard let value = parse(text) else { throw problem(text) }
        return value
    }

    private static func value(_ rest: inout ArraySlice<String>, _ option: String) throws(DaemonUsage) -> String {
        guard let value = rest.popFirst() else { throw .missingValue(option) }
        return value
    }

    fileprivate static func path(_ rest: inout ArraySlice<String>, _ option: String) throws(DaemonUsage) -> String {
        let path = try value(&rest, option)
        guard path.hasPrefix("/") else { throw .notAbsolute(option: option, path: path) }
        return path
    }

    private static func descriptor(_ rest: inout ArraySlice<String>, _ option: String) throws(DaemonUsage) -> Int32 {
        let text = try value(&rest, option)
        guard let number = Int32(text), number >= 0 else { throw .badDescriptor(text) }
        return number
    }
}
