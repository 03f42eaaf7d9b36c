/// Which daemon is to be asked.
enum DaemonChoice: Sendable, Hashable {
    /// A socket that somebody named.
    case socket(String)
    /// The system's, where its socket is; else a private one.
    case system
    case personal

    /// Where sandboxd listens unless told otherwise.
    static let systemSocket = "/run/sandboxd/sandboxd.sock"

    /// `--socket` before SANDBOXD_SOCKET; `none` is the private daemon.
    init(_ invocation: Invocation, _ environment: CallerEnvironment) {
        switch invocation.value("socket") ?? environment["SANDBOXD_SOCKET"] {
        case nil: self = .system
        case "none"?: self = .personal
        case let path?: self = .socket(path)
        }
    }
}
