import Glibc

/// What a service manager says to a process in its environment: where it listens (sd_notify(3)), how often it wants to hear
/// (sd_watchdog_enabled(3)), what it passes (sd_listen_fds(3)).
struct ServiceEnvironment: Sendable, Hashable {
    /// A path, or an abstract name behind `@`; nil where nobody listens.
    var notifySocket: String?
    /// Nanoseconds; nil where none is wanted of this process.
    var watchdog: UInt64?
    /// Descriptors that are passed to this process; nil when there are none, or they are another's.
    var passed: Passed?

    /// As the manager wrote it: nothing of it is checked.
    struct Passed: Sendable, Hashable {
        let count: String
        let names: String?
    }

    static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]

    /// Reads it once, and removes it: what this process starts is not meant.
    static func take() -> ServiceEnvironment {
        var found: [String: String] = [:]
        for name in names {
            found[name] = getenv(name).map { String(cString: $0) }
            unsetenv(name)
        }
        return ServiceEnvironment(found, process: getpid())
    }

    init(_ variables: [String: String], process: Int32) {
        notifySocket = variables["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isMeant = variables["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        if isMeant, let microseconds = variables["WATCHDOG_USEC"].flatMap({ UInt64($0) }), microseconds > 0 {
            watchdog = microseconds.multipliedReportingOverflow(by: 1_000).overflow ? nil : microseconds * 1_000
        }
        if let count = variables["LISTEN_FDS"], variables["LISTEN_PID"] == "\(process)" {
            passed = Passed(count: count, names: variables["LISTEN_FDNAMES"])
        }
    }
}
