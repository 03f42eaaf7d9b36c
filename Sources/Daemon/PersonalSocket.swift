import Descriptors
import EventLoop
import Glibc

/// Where other processes of the same user reach a private daemon: `$XDG_RUNTIME_DIR/sandboxd/SESSION.sock`, below the state directory where that
/// variable is unset or names no directory. For this user alone.
final class PersonalSocket {
    private let directories: [String]
    private var listener: ControlListener?
    private var path: String?

    /// `state`: the directory that all private daemons of the user share.
    init(runtime: String?, state: String) {
        let named = runtime.flatMap { $0.hasPrefix("/") ? $0 + "/sandboxd" : nil }
        directories = [named, state + "/sockets"].compactMap { $0 }
    }

    /// Listens under the session's name. Without a socket the session goes on: whoever would decide from elsewhere cannot.
    func open(_ session: String, _ daemon: Daemon) {
        for directory in directories where listener == nil {
            do throws(Errno) { listen(under: session, in: try Self.make(directory), at: directory, daemon) } catch { continue }
        }
    }

    /// The directory is held open: its own path may be longer than an address is.
    private func listen(under session: String, in holder: borrowing OwnedDescriptor, at directory: String, _ daemon: Daemon) {
        let address = "/proc/self/fd/\(holder.number)/\(session).sock"
        listener = try? ControlListener(
            at: address, mode: 0o600, in: daemon.loop, count: { [weak daemon] in daemon?.connectionCount ?? 0 },
            serve: { [weak daemon] socket in daemon?.adopt(socket) })
        if listener != nil { path = directory + "/\(session).sock" }
    }

    func close() {
        listener = nil
        if let path { try? WorkingDirectory().unlink(path) }
        path = nil
    }

    /// A directory that nobody else may enter.
    private static func make(_ path: String) throws(Errno) -> OwnedDescriptor {
        do { try WorkingDirectory().makeDirectory(path, mode: 0o700) } catch {
            if error != .exists { throw error }
        }
        let directory = try WorkingDirectory().open(path, [.read, .directory, .noFollow])
        let status = try directory.status()
        guard status.owner == geteuid(), status.permissions & 0o077 == 0 else { throw .permission }
        return directory
    }
}
