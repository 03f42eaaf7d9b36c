import Descriptors

/// The control socket as a service manager passes it (systemd.socket(5)): it listens before the daemon is there, and while another takes its place.
enum PassedSocket {
    /// `FileDescriptorName=` of the socket's unit.
    static let name = "control"
    /// `SD_LISTEN_FDS_START`.
    private static let number: Int32 = 3

    /// What is wrong with what was passed.
    enum Problem: Error, Sendable, Hashable {
        case count(String)
        case name(String)
        /// No listening unix stream socket that has a path.
        case kind
        /// It listens elsewhere than the daemon is to.
        case path(String)
        case systemCall(Errno)
    }

    /// Takes the one descriptor over. It must be exactly what is expected: else somebody would be served where nobody looks.
    static func take(_ passed: ServiceEnvironment.Passed, expecting path: String) throws(Problem) -> OwnedDescriptor {
        guard passed.count == "1" else { throw .count(passed.count) }
        guard passed.names == name else { throw .name(passed.names ?? "") }
        let socket = BorrowedDescriptor(number)
        guard let found = socket.listeningPath else { throw .kind }
        guard found == path else { throw .path(found) }
        do throws(Errno) {
            try socket.setCloseOnExec()
            try socket.setNonBlocking()
        } catch {
            throw .systemCall(error)
        }
        return OwnedDescriptor(owning: number)
    }
}

extension PassedSocket.Problem {
    var text: String {
        switch self {
        case .count(let count): "the service manager passes `\(count)` sockets, and sandboxd takes one"
        case .name(let names): "the service manager passes `\(names)`; the socket's unit must have FileDescriptorName=\(PassedSocket.name)"
        case .kind:
            "what the service manager passes is no listening unix stream socket with a path; the socket's unit must have ListenStream=/PATH"
        case .path(let path): "the service manager passes `\(path)`, and --socket names another path"
        case .systemCall(let error): "the socket that the service manager passes cannot be used: \(error.name)"
        }
    }
}
