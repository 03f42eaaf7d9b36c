import Descriptors
import EventLoop
import Glibc

/// The control socket: accepts as many connections as there is room for, and rests while there is none.
final class ControlListener {
    /// Connections at one time; each costs a descriptor.
    static let connectionLimit = 1_024
    private let acceptor: Acceptor

    /// Serves a socket that listens already: somebody else made it, and keeps it.
    init(
        _ socket: consuming OwnedDescriptor, in loop: EventLoop, count: @escaping () -> Int,
        serve: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(Errno) {
        acceptor = try Acceptor(socket, in: loop, hasRoom: { count() < Self.connectionLimit }, serve: { serve($0) })
    }

    /// Listens at `path`. A socket there that nobody serves any more is replaced; anything else is left alone.
    convenience init(
        at path: String, mode: mode_t = 0o666, in loop: EventLoop, count: @escaping () -> Int,
        serve: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(DaemonFailure) {
        try Self.clear(path)
        do throws(Errno) {
            Self.makeParent(of: path)
            let socket = try UnixSocket.listen(at: path)
            // Who may ask for what is decided by the peer's credentials, not by the file's mode.
            guard chmod(path, mode) == 0 else { throw .last }
            try self.init(socket, in: loop, count: count, serve: serve)
        } catch {
            throw .socket(path, error)
        }
    }

    func close() { acceptor.close() }

    static func clear(_ path: String) throws(DaemonFailure) {
        guard let status = try? WorkingDirectory().status(of: path, followingLinks: false) else { return }
        guard status.isSocket, (try? UnixSocket.connect(to: path)) == nil else { throw .socketTaken(path) }
        do { try WorkingDirectory().unlink(path) } catch { throw .socket(path, error) }
    }

    /// /run is empty after a start of the host.
    static func makeParent(of path: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
        try? WorkingDirectory().makeDirectory(String(path[..<slash]), mode: 0o755)
    }
}
