import Descriptors
import EventLoop
import Glibc

/// The service manager that started this daemon: it hears when the daemon is ready, and that its loop turns (sd_notify(3), Type=notify and
/// WatchdogSec= of systemd.service(5)).
final class ServiceManager {
    enum Notice: Sendable, Hashable {
        /// Whoever connects is answered.
        case ready
        /// What it was started with is being read anew; `ready` follows.
        case reloading
        /// It ends, or leaves its sessions to the next daemon.
        case stopping
        /// One line for people.
        case status(String)
    }

    /// Where it listens. A name that begins with `@` is abstract.
    private let address: String
    /// How often it must hear that the loop turns, in nanoseconds; nil when it does not want to.
    private let patience: UInt64?
    private let loop: EventLoop
    private let send: (String, [UInt8]) -> Bool
    /// What it has not taken yet, the newest of each kind.
    private var untold: [(name: String, value: String)] = []
    private var isTrying = false

    /// Between attempts when its queue is full.
    private static let pause: UInt64 = 100_000_000

    /// Nil where nobody wants to hear. `environment` is what this process was started with; its own variables are to be removed (`ServiceEnvironment`).
    init?(_ environment: ServiceEnvironment, in loop: EventLoop, send: @escaping (String, [UInt8]) -> Bool = ServiceManager.post) {
        guard let address = environment.notifySocket else { return nil }
        self.address = address
        self.loop = loop
        self.send = send
        patience = environment.watchdog
        if patience != nil { sayAlive() }
    }

    /// Says all of it at once, or as soon as the manager takes it. Nothing is waited for.
    func tell(_ notices: Notice...) {
        for notice in notices {
            for (name, value) in notice.variables {
                untold.removeAll { $0.name == name }
                untold.append((name, value))
            }
        }
        if !isTrying { tellRest() }
    }

    private func tellRest() {
        guard !untold.isEmpty else { return }
        if deliver(untold) {
            untold = []
        } else {
            isTrying = true
            loop.after(nanoseconds: Self.pause) { [weak self] in
                self?.isTrying = false
                self?.tellRest()
            }
        }
    }

    /// Four times as often as it must be heard: a turn may be long, and one that is lost is followed by others.
    private func sayAlive() {
        guard let patience else { return }
        _ = deliver([("WATCHDOG", "1")])
        loop.after(nanoseconds: max(patience / 4, 1_000_000)) { [weak self] in self?.sayAlive() }
    }

    private func deliver(_ variables: [(name: String, value: String)]) -> Bool {
        send(address, Array(variables.map { "\($0.name)=\($0.value)\n" }.joined().utf8))
    }

    /// The manager may be started anew at any time: no connection is kept.
    static func post(to address: String, _ bytes: [UInt8]) -> Bool {
        do throws(Errno) {
            let socket =
                address.hasPrefix("@")
                ? try UnixSocket.connect(toAbstract: String(address.dropFirst()), .datagrams)
                : try UnixSocket.connect(to: address, .datagrams)
            guard case .moved = try socket.send(bytes) else { return false }
            return true
        } catch {
            return false
        }
    }
}

extension ServiceManager.Notice {
    fileprivate var variables: [(String, String)] {
        switch self {
        case .ready: [("READY", "1")]
        // systemd.service(5), Type=notify-reload: when, in microseconds of the monotonic clock. Others pass over it.
        case .reloading: [("RELOADING", "1"), ("MONOTONIC_USEC", "\(Clock.monotonic / 1_000)")]
        case .stopping: [("STOPPING", "1")]
        // A line end would begin another variable.
        case .status(let text): [("STATUS", text.split(whereSeparator: \.isNewline).joined(separator: " "))]
        }
    }
}
