public import Policy

/// What a process asks of the kernel: one element of the universe over which policy and plan are compared.
///
/// Integers are the 64 bits of a register, since that is what a process can pass; the kernel looks at the lower 32 of an int.
public enum Operation: Sendable, Hashable {
    /// socket(2).
    case socket(family: UInt64, type: UInt64, protocol: UInt64)
    /// socketpair(2) of AF_UNIX.
    case socketPair(type: UInt64)
    /// A TCP socket of the session's own reaches an endpoint.
    case connect(ConnectPath, IPAddress, port: UInt16)
    /// bind(2) or listen(2) of an IPv4 or IPv6 socket.
    case bind, listen
    /// setsockopt(2).
    case socketOption(level: UInt64, option: UInt64)
    /// ioctl(2) by its request.
    case deviceControl(request: UInt64)
    case file(FileAct, path: String)
    /// rename(2) or link(2) between directories.
    case move(from: String, to: String)
    /// chmod(2), chown(2), utimensat(2), setxattr(2) and their kin.
    case metadata(String)
    /// execve(2) after the server has started.
    case execute(path: String)
    case makeProcess
    case makeThread
    /// clone(2) with one CLONE_NEW flag.
    case makeNamespace(flag: UInt64)
    /// A call that no policy permits, by name.
    case forbidden(call: String)
    /// kill(2) or ptrace(2) of a process outside.
    case signalOutside

    /// How a connection is asked for.
    public enum ConnectPath: Sendable, Hashable, CaseIterable {
        case connect
        /// The MSG_FASTOPEN of sendto(2), sendmsg(2) and sendmmsg(2).
        case sendTo, sendMessage, sendMessages
    }

    public enum FileAct: Sendable, Hashable, CaseIterable {
        case read, list, write, truncate, makeFile, makeDirectory, makeLink, makeDevice, makeFIFO, makeSocket, remove, removeDirectory
    }
}
