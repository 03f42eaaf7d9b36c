import Evidence
import Layers

/// What sandboxd was asked to be.
enum DaemonMode: Sendable, Hashable {
    /// Serves everybody on a socket, as root. `layers` and `policies`: where they lie, if not where a host's do. `drain`: seconds that a session has
    /// which a reload ends. `users`: the uids of its sessions. `notify`: a
    /// program that is run for each call that waits for a person. `journal`: the one socket that checkpoints are sent to, if not the host's.
    /// `scopes`: where its sessions' cgroups are made. `metrics`: where they are served, if anywhere.
    case service(
        state: String, socket: String, layers: String?, policies: String? = nil, drain: Int = DaemonMode.defaultDrain,
        users: UserRange = .standard, notify: String? = nil, journal: String? = nil, scopes: ScopePlace = .own,
        metrics: MetricsAddress? = nil)
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
}

extension DaemonMode {
    static let defaultState = "/var/lib/sandboxd"
    static let defaultSocket = "/run/sandboxd/sandboxd.sock"
    static let defaultDrain = 30

    static let usage = """
        usage: sandboxd [--state DIR] [--socket PATH] [--layers DIR] [--policies DIR] [--drain SECONDS]
                        [--users FIRST-LAST] [--notify COMMAND] [--journal PATH] [--scopes CGROUP]
                        [--metrics ADDRESS]
               sandboxd --private DESCRIPTOR --state DIR
               sandboxd --hold

        Runs MCP servers so that a policy is held by a gate and by the kernel. Runs in the
        foreground, as root; it is ready when the socket accepts, and says so to a service manager.
        SIGTERM ends it and its sessions; SIGUSR1 ends it alone: its sessions go on, held as before,
        and the next sandboxd takes them over. SIGHUP reloads policies and layers, as
        `sandboxctl reload` does.

          --state DIR       log, key and sessions (default \(defaultState))
          --socket PATH     where sandboxctl connects (default \(defaultSocket))
          --layers DIR      documents that tighten policies (default \(LayerDirectory.defaultPath)); they and
                            the directory must be root's, and writable by nobody else
          --policies DIR    policies of root's (default \(PolicyDirectory.defaultPath)), which sessions that were
                            started from them are held to after a reload, too
          --drain SECONDS   how long a session may go on that a reload ends (default \(defaultDrain))
          --users F-L       uids (and gids) of sessions, three for each, that are nobody
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
          --private N       one session, as the caller, over the connected socket N; started by sandboxctl
          --version         print the version
          --help            print this

        """

    /// Reads the arguments after the program's name.
    init(arguments: [String]) throws(DaemonUsage) {
        var state: String?
        var socket = Self.defaultSocket
        var layers: String?
        var policies: String?
        var drain: Int?
        var users: UserRange?
        var notify: String?
        var journal: String?
        var scopes: ScopePlace?
        var metrics: MetricsAddress?
        var special: ((Int32, String?) -> DaemonMode)?
        var number: Int32 = -1
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
            case "--state": state = try Self.path(&rest, option)
            case "--socket": socket = try Self.path(&rest, option)
            case "--layers": layers = try Self.path(&rest, option)
            case "--policies": policies = try Self.path(&rest, option)
            case "--drain":
                let text = try Self.value(&rest, option)
                guard let seconds = Int(text), (0...86_400).contains(seconds) else { throw .badDrain(text) }
                drain = seconds
            case "--notify": notify = try Self.path(&rest, option)
            case "--journal": journal = try Self.path(&rest, option)
            case "--scopes":
                let text = try Self.value(&rest, option)
                guard let place = ScopePlace(text: text) else { throw .badScopes(text) }
                scopes = place
            case "--metrics":
                let text = try Self.value(&rest, option)
                guard let address = MetricsAddress(text: text) else { throw .badMetrics(text) }
                metrics = address
            case "--users":
                let text = try Self.value(&rest, option)
                guard let range = UserRange(text: text) else { throw .badUsers(text) }
                users = range
            case "--private":
                number = try Self.descriptor(&rest, option)
                special = { .personal(connection: $0, state: $1 ?? Self.defaultState) }
            default: throw .unknownOption(option)
            }
        }
        if special != nil, layers != nil { throw .ownLayers }
        if special != nil, policies != nil || drain != nil { throw .ownPolicies }
        if special != nil, users != nil { throw .ownUsers }
        if special != nil, notify != nil { throw .ownNotifier }
        if special != nil, journal != nil { throw .ownJournal }
        if special != nil, scopes != nil { throw .ownScopes }
        if special != nil, metrics != nil { throw .ownMetrics }
        self =
            special?(number, state)
            ?? .service(
                state: state ?? Self.defaultState, socket: socket, layers: layers, policies: policies, drain: drain ?? Self.defaultDrain,
                users: users ?? .standard, notify: notify, journal: journal, scopes: scopes ?? .own, metrics: metrics)
    }

    private static func value(_ rest: inout ArraySlice<String>, _ option: String) throws(DaemonUsage) -> String {
        guard let value = rest.popFirst() else { throw .missingValue(option) }
        return value
    }

    private static func path(_ rest: inout ArraySlice<String>, _ option: String) throws(DaemonUsage) -> String {
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
