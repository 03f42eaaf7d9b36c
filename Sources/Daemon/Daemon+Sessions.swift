import ControlProtocol
import Descriptors
import Glibc
import KernelPlan

/// Which sessions there are, over the control API.
extension Daemon {
    /// Whoever asks is told of its own, and root of all.
    func listSessions(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: PeerCredentials) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            let own = sessions.values.filter { peer.user == 0 || peer.user == $0.caller.uid }.sorted { $0.id < $1.id }
            connection.reply(SessionList(own.compactMap(\.summary), custody: custody, process: getpid()).encode())
        } catch {
            connection.fail(error)
        }
    }
}

extension Session {
    /// `nil` once it is over.
    fileprivate var summary: SessionSummary? {
        guard let state = phase.state else { return nil }
        let client = client.map { ApprovalSummary.Client(pid: $0.pid, executable: $0.executable) }
        return SessionSummary(id: id, server: serverName, caller: caller.uid, client: client, state: state)
    }
}

extension Session.Phase {
    fileprivate var state: SessionSummary.State? {
        switch self {
        case .findingPaths, .launchingGate, .awaitingGate, .testing, .launchingServer, .sealing: .starting
        case .running: .running
        case .ending: .ending
        case .closed: nil
        }
    }
}
