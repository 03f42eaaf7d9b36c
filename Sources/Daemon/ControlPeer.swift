import ControlProtocol
import Descriptors
import Glibc
import Kernel

/// Who asks over a control connection, as far as it matters where it lives. `nil` in /proc means that it has ended.
enum ControlPeer {
    /// Who asks. No process of a session may, whatever it asks for: that it reached the socket at all is a policy's `unix`, or a fault.
    static func identify(_ connection: ControlConnection) throws(ControlError) -> PeerCredentials {
        let peer = try outsideOfSessions(connection)
        // What it names would be looked up in another tree of files, and its root, or its group, would be another's.
        let theirs = try judging(connection, peer) { Namespaces(ofProcess: peer.process) }
        guard Namespaces.ofThis == theirs else {
            throw .notPermitted(problem: "a process of another mount or user namespace may not ask for anything")
        }
        return peer
    }

    private static func outsideOfSessions(_ connection: ControlConnection) throws(ControlError) -> PeerCredentials {
        guard let peer = try? connection.peerCredentials() else { throw .notPermitted(problem: "the peer cannot be identified") }
        let path = try judging(connection, peer) { CgroupTree.path(ofProcess: peer.process) }
        guard !path.split(separator: "/").contains(where: SessionScope.isName) else {
            throw .notPermitted(problem: "a process of a session may not ask for anything")
        }
        return peer
    }

    /// The same for the socket of a private daemon, whose server runs as the same user, and perhaps in no cgroup of its own: then it lives in
    /// a PID namespace below the daemon's. In a user namespace of its own the daemon may read no more of others than that: not which mount and
    /// user namespaces they live in.
    static func identifySameUser(_ connection: ControlConnection) throws(ControlError) -> PeerCredentials {
        let peer = try outsideOfSessions(connection)
        guard peer.user == geteuid() else { throw .notPermitted(problem: "this daemon is another user's") }
        let depth = try judging(connection, peer) { Namespaces.depth(ofProcess: "\(peer.process)") }
        guard depth == Namespaces.depth(ofProcess: "self") else {
            throw .notPermitted(problem: "a process of another PID namespace may not ask for anything")
        }
        return peer
    }

    /// Reads about a process by its number. Who has ended cannot be judged: another may have the number by now. So the process that connected
    /// must be there after the reading. Before Linux 6.5 the number is bound to a process only here, not when it connected.
    static func judging<Fact>(
        _ connection: ControlConnection, _ peer: PeerCredentials, _ read: () -> Fact?
    ) throws(ControlError) -> Fact {
        guard let process = try? connection.peerProcessDescriptor() ?? .process(peer.process), let fact = read(),
            process.namesProcessInTable
        else { throw .notPermitted(problem: "the peer has ended") }
        return fact
    }
}
