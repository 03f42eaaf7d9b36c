import CLinux
import Descriptors
import Glibc

/// The socket that a service manager passes to `serve` (systemd.socket(5), Accept=no): it listens already, and while nobody serves it.
enum PassedListener {
    /// What is wrong with what was passed.
    enum Problem: Error, Sendable, Hashable {
        case none
        case count(String)
        case name(String)
        /// No listening unix stream socket.
        case kind
        case systemCall(Errno)
    }

    /// `FileDescriptorName=` of the socket's unit.
    static let name = "mcp"
    /// `SD_LISTEN_FDS_START`.
    private static let number: Int32 = 3

    /// Where the descriptors of this process end that somebody passed on purpose.
    static var end: Int32 { variable("LISTEN_PID") == "\(getpid())" && variable("LISTEN_FDS") == "1" ? number + 1 : number }

    /// It must be exactly what is expected: else somebody would be served where nobody looks.
    static func take() throws(Problem) -> OwnedDescriptor {
        guard let count = variable("LISTEN_FDS"), variable("LISTEN_PID") == "\(getpid())" else { throw .none }
        guard count == "1" else { throw .count(count) }
        let names = variable("LISTEN_FDNAMES") ?? ""
        guard names == name else { throw .name(names) }
        guard clx_socket_domain(number) == AF_UNIX, clx_socket_type(number) == CLX_STREAM, listens else { throw .kind }
        do throws(Errno) {
            try BorrowedDescriptor(number).setCloseOnExec()
            try BorrowedDescriptor(number).setNonBlocking()
        } catch {
            throw .systemCall(error)
        }
        return OwnedDescriptor(owning: number)
    }

    /// SO_ACCEPTCONN.
    private static var listens: Bool {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension PassedListener.Problem {
    var words: (message: String, help: String) {
        switch self {
        case .none: ("no socket was passed", "`serve` is what mcp@.service starts; clients use `sandboxctl connect`")
        case .count(let count):
            ("\(Escaping.quoted(count)) sockets were passed, and one is served", "the unit of the socket may have one ListenStream=")
        case .name(let names):
            (
                "the socket that was passed is called \(Escaping.quoted(names))",
                "its unit must have FileDescriptorName=\(PassedListener.name), as mcp@.socket has"
            )
        case .kind:
            (
                "what was passed is no listening unix stream socket",
                "its unit must have ListenStream=/PATH and Accept=no, as mcp@.socket has"
            )
        case .systemCall(let error): ("the socket that was passed cannot be used: \(ErrnoWords.text(error.name))", "see the journal")
        }
    }
}
