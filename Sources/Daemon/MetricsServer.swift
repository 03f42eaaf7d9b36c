import Descriptors
import EventLoop
import Glibc

/// Answers readers of metrics in the daemon's loop: few at a time, each with one request and a deadline.
final class MetricsServer {
    static let connectionLimit = 16
    /// Nanoseconds from the connection to the end of the answer.
    static let deadline: UInt64 = 5_000_000_000
    private let path: String?
    private var acceptor: Acceptor?
    private var connections: [ObjectIdentifier: MetricsConnection] = [:]

    /// Listens. A unix socket there that nobody serves any more is replaced; it is root's, and that of the group, if there is one.
    init(at address: MetricsAddress, group: UInt32?, in loop: EventLoop, body: @escaping () -> String) throws(DaemonFailure) {
        if case .unix(let path) = address { try ControlListener.clear(path) }
        do throws(Errno) {
            let listener: OwnedDescriptor
            if case .unix(let path) = address {
                ControlListener.makeParent(of: path)
                // Nobody may connect before it is the group's.
                let mask = umask(0o177)
                defer { umask(mask) }
                listener = try UnixSocket.listen(at: path)
                if let group {
                    guard chown(path, 0, group) == 0, chmod(path, 0o660) == 0 else { throw .last }
                }
                self.path = path
            } else {
                guard let listening = try address.listenOnLoopback() else { throw .invalid }
                listener = listening
                path = nil
            }
            acceptor = try Acceptor(
                listener, in: loop, hasRoom: { [weak self] in (self?.connections.count ?? .max) < Self.connectionLimit },
                serve: { [weak self] socket throws(Errno) in
                    let connection = try MetricsConnection(socket, in: loop, body: body) { ended in
                        self?.connections[ObjectIdentifier(ended)] = nil
                    }
                    self?.connections[ObjectIdentifier(connection)] = connection
                })
        } catch {
            throw .metrics(address.text, error)
        }
    }

    /// Stops listening, and takes a unix socket away.
    func close() {
        guard let acceptor else { return }
        acceptor.close()
        self.acceptor = nil
        for connection in connections.values { connection.close() }
        connections = [:]
        if let path { try? WorkingDirectory().unlink(path) }
    }

    deinit { close() }
}
