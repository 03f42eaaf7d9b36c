import CLinux

/// Making unix sockets: each function gives a descriptor that owns itself.
public enum UnixSocket {
    /// socket(2), bind(2), listen(2) at a path that must not exist. The socket is non-blocking: accept in the loop.
    public static func listen(
        at path: some PathBytes, _ kind: SocketKind = .stream, backlog: Int32 = 128
    ) throws(Errno) -> OwnedDescriptor {
        let socket = OwnedDescriptor(owning: try retryingNegative { clx_unix_socket(kind.type, 1) })
        let number = socket.number
        _ = try path.withNulEnded { path throws(Errno) in try retryingNegative { clx_unix_bind(number, path) } }
        _ = try retryingNegative { clx_listen(number, backlog) }
        return socket
    }

    /// The same below a directory that is open: its own path may be longer than the 107 bytes that an address holds (unix(7)).
    public static func listen(
        named name: String, in directory: borrowing OwnedDescriptor, _ kind: SocketKind = .stream, backlog: Int32 = 128
    ) throws(Errno) -> OwnedDescriptor {
        try listen(at: "/proc/self/fd/\(directory.number)/\(name)", kind, backlog: backlog)
    }

    /// The same for connecting.
    public static func connect(named name: String, in directory: borrowing OwnedDescriptor, _ kind: SocketKind = .stream) throws(Errno)
        -> OwnedDescriptor
    {
        try connect(to: "/proc/self/fd/\(directory.number)/\(name)", kind)
    }

    /// socket(2), connect(2) to a path. Blocking: a unix peer accepts at once or its queue is full.
    public static func connect(to path: some PathBytes, _ kind: SocketKind = .stream) throws(Errno) -> OwnedDescriptor {
        let socket = OwnedDescriptor(owning: try retryingNegative { clx_unix_socket(kind.type, 0) })
        let number = socket.number
        _ = try path.withNulEnded { path throws(Errno) in try retryingNegative { clx_unix_connect(number, path) } }
        return socket
    }

    /// The same to an abstract address (unix(7)), without the zero byte before it.
    public static func connect(toAbstract name: String, _ kind: SocketKind = .stream) throws(Errno) -> OwnedDescriptor {
        let socket = OwnedDescriptor(owning: try retryingNegative { clx_unix_socket(kind.type, 0) })
        let number = socket.number
        _ = try name.withNulEnded { name throws(Errno) in try retryingNegative { clx_unix_connect_abstract(number, name) } }
        return socket
    }
}

extension UnixSocket {
    /// socket(2), connect(2) to a path, without waiting; the socket does not block afterwards. nil when the listener's queue is full.
    public static func connectNow(to path: some PathBytes, _ kind: SocketKind = .stream) throws(Errno) -> OwnedDescriptor? {
        let socket = OwnedDescriptor(owning: try retryingNegative { clx_unix_socket(kind.type, 1) })
        let number = socket.number
        do {
            _ = try path.withNulEnded { path throws(Errno) in try retryingNegative { clx_unix_connect(number, path) } }
        } catch {
            if error == .tryAgain { return nil }
            throw error
        }
        return socket
    }
}

extension Descriptor where Self: ~Copyable {
    /// accept4(2) on a listening socket; nil when nobody waits. The new socket is non-blocking unless said otherwise.
    public func accept(nonBlocking: Bool = true) throws(Errno) -> OwnedDescriptor? {
        do {
            return OwnedDescriptor(owning: try retryingNegative { clx_accept(number, nonBlocking ? 1 : 0) })
        } catch {
            if error == .tryAgain { return nil }
            throw error
        }
    }

    /// shutdown(2), `SHUT_WR`: the peer reads the end; this side may still read.
    public func shutdownWriting() throws(Errno) {
        _ = try retryingNegative { clx_shutdown_write(number) }
    }

    /// SO_TYPE and SO_DOMAIN: whether this is a socket at all.
    public var isSocket: Bool { clx_socket_type(number) >= 0 }

    /// SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN and getsockname(2): where this listens, if it is a listening unix stream socket that is bound to a path.
    public var listeningPath: String? {
        guard clx_socket_domain(number) == CLX_UNIX, clx_socket_type(number) == CLX_STREAM, clx_socket_listens(number) == 1 else {
            return nil
        }
        var path = [CChar](repeating: 0, count: 109)
        guard clx_unix_bound_path(number, &path, path.count) == 0 else { return nil }
        return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
