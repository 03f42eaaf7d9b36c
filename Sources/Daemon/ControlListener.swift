import Descriptors
import EventLoop
import Glibc

/// The control socket: accepts as many connections as there is room for, and rests while there is none.
final class ControlListener {
    /// Connections at one time; each costs a descriptor.
    static let connectionLimit = 1_024
    /// How long to rest when a connection cannot be accepted, in nanoseconds.
    private static let rest: UInt64 = 100_000_000

    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private var registration: Registration?
    private let count: () -> Int
    private let serve: (consuming OwnedDescriptor) -> Void

    /// Serves a socket that listens already: somebody else made it, and keeps it.
    init(
        _ socket: consuming OwnedDescriptor, in loop: EventLoop, count: @escaping () -> Int,
        serve: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(Errno) {
        self.socket = socket
        self.loop = loop
        self.count = count
        self.serve = serve
        registration = try loop.register(self.socket.number, for: .readable) { [weak self] _ in self?.accept() }
    }

    /// Listens at `path`. A socket there that nobody serves any more is replaced; anything else is left alone.
    init(
        at path: String, mode: mode_t = 0o666, in loop: EventLoop, count: @escaping () -> Int,
        serve: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(DaemonFailure) {
        try Self.clear(path)
        do throws(Errno) {
            Self.makeParent(of: path)
            socket = try UnixSocket.listen(at: path)
            self.loop = loop
            self.count = count
            self.serve = serve
            // Who may ask for what is decided by the peer's credentials, not by the file's mode.
            guard chmod(path, mode) == 0 else { throw .last }
            registration = try loop.register(socket.number, for: .readable) { [weak self] _ in self?.accept() }
        } catch {
            throw .socket(path, error)
        }
    }

    func close() {
        if let registration { loop.remove(registration) }
        registration = nil
    }

    deinit { close() }

    private func accept() {
        do throws(Errno) {
            guard count() < Self.connectionLimit else { return pause() }
            guard let connection = try socket.accept() else { return }
            serve(connection)
        } catch {
            pause()
        }
    }

    /// Without room for a descriptor the socket would be reported again and again.
    private func pause() {
        guard let registration else { return }
        loop.change(registration, to: [])
        _ = loop.after(nanoseconds: Self.rest) { [weak self] in
            guard let self, let registration = self.registration else { return }
            self.loop.change(registration, to: .readable)
        }
    }

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
