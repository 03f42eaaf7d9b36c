import ControlProtocol
import Descriptors
import Evidence
import Kernel

/// What is found out about a session that a service asks for, for somebody whom it serves: who that is, and where the session belongs.
struct ServedSession {
    /// Who connected the socket that is the session's stream: the kernel's word, not the service's.
    let client: ObservedClient
    /// The cgroup that was delegated to the service's unit.
    let unit: CgroupTree

    /// The service is root's: whoever else asks has a session as itself. A unit with another user owns its cgroup, and whoever owns that could take
    /// the server out of what holds it.
    init(
        _ request: borrowing WrapRequest, _ connection: ControlConnection, _ peer: PeerCredentials, _ tree: CgroupTree?
    ) throws(ControlError) {
        guard peer.user == 0, let tree else {
            throw .notPermitted(problem: "only a service that runs as root asks for others, with `--user` if need be")
        }
        do throws(Errno) { client = try ObservedClient(connectedTo: request.stdin) } catch { throw .invalidParameter("stdin") }
        let found: Result<CgroupTree, DelegatedCgroup.Problem> = try ControlPeer.judging(connection, peer) {
            DelegatedCgroup.take(peer.process, mount: tree.mount)
        }
        do { unit = try found.get() } catch { throw .notPermitted(problem: error.words) }
    }
}

extension DelegatedCgroup.Problem {
    fileprivate var words: String {
        switch self {
        case .none: "the service is in no cgroup"
        case .notDelegated(let path): "the cgroup `\(path)` is not delegated; the service's unit needs Delegate=yes"
        case .notRoots(let path): "others than root may change the cgroup `\(path)`; the service's unit may not have User="
        case .systemCall(let path, let error): "the cgroup `\(path)` cannot be used: \(error.name)"
        }
    }
}
