import Descriptors
import EventLoop
import Glibc

/// Answers readers of metrics in the daemon's loop: few at a time, each with one request and a deadline.
final class MetricsServer {
    static let connectionLimit = 16
    /// Nanoseconds from the connection to the end of the answer.
    static let deadline: UInt64 = 5_000_000_000
    /// How long to rest when a connection cannot be accepted, in nanoseconds.
    private static let rest: UInt64 = 100_000_000

    private let listener: OwnedDescriptor
    private let loop: EventLoop
    private let body: () -> String
    private let path: String?
    private var registration: Registration?
    private var connections: [ObjectIdentifier: MetricsConnection] = [:]

    /// Listens. A unix socket there that nobody serves any more is replaced; it is root's, and that of the group, if there is one.
    init(at address: MetricsAddress, group: UInt32?, in loop: EventLoop, body: @escaping () -> String) throws(DaemonFailure) {
        if case .unix(let path) = address { try ControlListener.clear(path) }
        do throws(Errno) {
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
            self.loop = loop
            self.body = body
            registration = try loop.register(listener.number, for: .readable) { [weak self] _ in self?.accept() }
        } catch {
            throw .metrics(address.text, error)
        }
    }

    /// Stops listening, and takes a unix socket away.
    func close() {
        guard let registration else { return }
        loop.remove(registration)
        self.registration = nil
        for connection in connections.values { connection.close() }
        connections = [:]
        if let path { try? WorkingDirectory().unlink(path) }
    }

    deinit { close() }

    private func accept() {
        do throws(Errno) {
            guard connections.count < Self.connectionLimit else { return pause() }
            guard let socket = try listener.accept() else { return }
            let connection = try MetricsConnection(socket, in: loop, body: body) { [weak self] ended in
                self?.connections[ObjectIdentifier(ended)] = nil
            }
            connections[ObjectIdentifier(connection)] = connection
        } catch {
            pause()
        }
    }

    /// Without room the socket would be reported again and again.
    private func pause() {
        guard let registration else { return }
        loop.change(registration, to: [])
        _ = loop.after(nanoseconds: Self.rest) { [weak self] in
            guard let self, let registration = self.registration else { return }
            self.loop.change(registration, to: .readable)
        }
    }
}
