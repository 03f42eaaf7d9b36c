import ControlProtocol
import Descriptors
import Glibc

/// A daemon that answers: the system's, or one of our own.
struct DaemonConnection: ~Copyable {
    var client: ControlClient
    /// How it is called in messages.
    let name: String
    /// Set when there was no socket and a private daemon was started instead.
    let isFallback: Bool
    private let personal: PrivateDaemon?

    /// Nanoseconds for connecting and the first answer: a daemon whose socket a service manager keeps may be starting only now.
    private static let patience: UInt64 = 15_000_000_000

    init(_ choice: DaemonChoice, _ environment: CallerEnvironment) throws(DaemonProblem) {
        switch choice {
        case .socket(let path): self = try Self.connected(to: path)
        case .personal: self = try Self.personal(environment, isFallback: false)
        case .system:
            do {
                self = try Self.connected(to: DaemonChoice.systemSocket)
            } catch {
                guard case .cannotConnect(_, .noEntry) = error else { throw error }
                self = try Self.personal(environment, isFallback: true)
            }
        }
    }

    private init(client: consuming ControlClient, name: String, isFallback: Bool, personal: PrivateDaemon?) {
        self.client = client
        self.name = name
        self.isFallback = isFallback
        self.personal = personal
    }

    /// What a session that runs still needs of it: of a daemon that serves others nothing, and a user has only so many connections; a private one
    /// lives no longer than this.
    consuming func kept() -> DaemonConnection? {
        if personal == nil { return nil }
        return self
    }

    /// Closes the connection; a private daemon is given time to finish its record.
    consuming func finish() {
        let personal = personal
        _ = consume client
        personal?.waitForEnd()
    }

    /// A daemon at a path, to be asked about approvals.
    static func reach(_ path: String) throws(DaemonProblem) -> ApprovalSource {
        let connection = try connected(to: path)
        return ApprovalSource(connection.intoClient(), name: path)
    }

    private consuming func intoClient() -> ControlClient { client }

    private static func connected(to path: String) throws(DaemonProblem) -> DaemonConnection {
        let deadline = Clock.monotonic + patience
        var client: ControlClient
        do { client = try ControlClient(connectingTo: path, deadline: deadline) } catch { throw .cannotConnect(path: path, error) }
        try checkPeer(client, path)
        do { try client.greet(deadline: deadline) } catch { throw .silent(path: path, error) }
        return DaemonConnection(client: client, name: path, isFallback: false, personal: nil)
    }

    private static func checkPeer(_ client: borrowing ControlClient, _ path: String) throws(DaemonProblem) {
        let peer: PeerCredentials
        do { peer = try client.peerCredentials() } catch { throw .cannotConnect(path: path, error) }
        guard peer.user == 0 || peer.user == geteuid() else { throw .foreign(path: path, user: peer.user) }
    }

    private static func personal(_ environment: CallerEnvironment, isFallback: Bool) throws(DaemonProblem) -> DaemonConnection {
        let started = try PrivateDaemon.start(environment)
        let program = started.daemon.path
        var client = ControlClient(started.socket)
        do { try client.greet(deadline: Clock.monotonic + patience) } catch { throw .silent(path: program, error) }
        return DaemonConnection(client: client, name: program, isFallback: isFallback, personal: started.daemon)
    }
}
