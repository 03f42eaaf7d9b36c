import Descriptors
import Evidence
import Kernel
import Store

/// Why the daemon cannot start, or go on.
enum DaemonFailure: Error, Sendable, Hashable {
    case notRoot
    /// State directory, mounts, loop.
    case start(Errno)
    /// Something that is no socket lies there, or another daemon serves it.
    case socketTaken(String)
    case socket(String, Errno)
    case log(LogError)
    /// A credential of the service manager that is no key of a log.
    case credential(String, LogError)
    /// The file that says where the uids stand.
    case users(String, Errno)
    case gateFilter(LaunchFailure)
    /// Where metrics were to be served.
    case metrics(String, Errno)
    /// What says how the shared store is reached.
    case store(String, PostgresSettings.Problem)
    /// The program of `--notify`, which would run as root: what is wrong with this part of its path.
    case notifier(String, Notifier.Problem)
    /// The cgroup of `--scopes`.
    case scopes(String, Errno)
    /// What a service manager passed instead of the control socket.
    case passed(PassedSocket.Problem)
}

extension DaemonFailure {
    /// What a person reads, with the next step.
    var text: String {
        switch self {
        case .notRoot: "root is needed to serve everybody; sandboxctl starts a private one by itself"
        case .start(let error): "cannot start: \(error.name); look at the state directory and its permissions"
        case .socketTaken(let path): "`\(path)` is taken: another sandboxd serves it, or it is not a socket; choose another with --socket"
        case .socket(let path, let error): "cannot listen at `\(path)`: \(error.name)"
        case .metrics(let address, let error): "metrics cannot be served at `\(address)`: \(error.name)"
        case .users(let path, let error):
            "`\(path)` does not say which uids were given last: \(error.name); without the file they begin again at the first"
        case .log(.inUse): "another sandboxd keeps this log; choose another directory with --state"
        case .credential(LogKeySource.previousName, .missingKey):
            "there is a credential `\(LogKeySource.previousName)` and none called `\(LogKeySource.name)`: hand over the key that follows, too"
        case .credential(let name, let error): "the credential `\(name)` cannot be used: \(error.text)"
        case .log(.otherKey(let key)):
            "the log is signed by another key than the one that was handed over: it needs \(key.text), as `\(LogKeySource.name)`, or as `\(LogKeySource.previousName)` to exchange it"
        case .log(let error): "the log cannot be kept: \(error.text); `sandboxctl receipts verify DIR/evidence` says more"
        case .store(let path, let problem): "`\(path)` does not say how the shared store is reached: \(problem.text)"
        case .notifier(let path, let problem): "`\(path)` is no program for --notify: \(problem.text)"
        case .scopes(let place, .noEntry):
            "there is no cgroup `\(place)` for sessions; \(ScopePlace.unitHelp)"
        case .scopes(let place, let error): "the cgroup `\(place)` cannot be used for sessions: \(error.name); it must be root's alone"
        case .passed(let problem): problem.text
        case .gateFilter(let failure):
            "the gate's own confinement cannot be made: \([failure.detail, failure.error?.name ?? ""].filter { !$0.isEmpty }.joined(separator: ": "))"
        }
    }
}

extension DaemonUsage {
    var text: String {
        switch self {
        case .badScopes(let text): "`\(text)` is no cgroup: a name beside sandboxd's own cgroup, or a path in cgroup2 that begins with /"
        case .ownScopes: "`--scopes` is for the host's daemon; a private one asks the user's service manager for a cgroup"
        case .unknownOption(let option): "unknown option `\(option)`"
        case .missingValue(let option): "`\(option)` needs a value"
        case .badDescriptor(let text): "`\(text)` is no descriptor"
        case .ownLayers: "`--layers` is for the host's daemon; a private one is held by the layers of its host"
        case .ownPolicies: "`--policies` and `--drain` are for the host's daemon; a private one does not reload"
        case .badDrain(let text): "`\(text)` is no number of seconds: 0 to 86400"
        case .badUsers(let text):
            "`\(text)` is no range of uids: FIRST-LAST, at least three, from \(UserRange.permitted.lowerBound) to \(UserRange.permitted.upperBound)"
        case .badMetrics(let text): "`\(text)` is no place for metrics: unix:PATH, 127.0.0.1:PORT or [::1]:PORT"
        case .ownMetrics: "`--metrics` is for the host's daemon; a private one has one session"
        case .ownUsers: "`--users` is for the host's daemon; a private one's sessions have the uid of their caller"
        case .ownJournal: "`--journal` is for the host's daemon; private ones send to the host's journal"
        case .ownNotifier: "`--notify` is for the host's daemon; `sandboxctl approvals watch --exec` tells of calls of private ones"
        case .ownStore: "`--store-from` is for the host's daemon; a private one keeps its user's store"
        case .notAbsolute(let option, let path): "`\(option)` needs an absolute path, not `\(path)`"
        }
    }
}
