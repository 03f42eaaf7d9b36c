public import Policy

/// What a process asks of the kernel: one element of the universe over which policy and plan are compared.
///
/// Integers are the 64 bits of a register, since that is what a process can pass; the kernel looks at the lower 32 of an int.
/// Devices lie below /dev. Outside of the universe are the limits of `processes`, which are no operations but amounts (`ResourceLimits` of policy and plan are compared
/// instead), and existence, size and names of files.
public enum Operation: Sendable, Hashable {
    /// socket(2).
    case socket(family: UInt64, type: UInt64, protocol: UInt64)
    /// socketpair(2) of AF_UNIX.
    case socketPair(type: UInt64)
    /// A TCP socket of the session's own reaches an endpoint.
    case connect(ConnectPath, IPAddress, port: UInt16)
    /// A datagram of a UDP socket of the session's own reaches an endpoint.
    case send(SendPath, IPAddress, port: UInt16)
    /// A datagram from an endpoint outside reaches a UDP socket of the session's own.
    case receive(IPAddress, port: UInt16)
    /// The error queue of a UDP socket: an ICMP error that anybody sent, with what it quotes.
    case receiveErrors
    /// bind(2) of an IPv4 or IPv6 socket.
    case bind(Transport, IPAddress, port: UInt16)
    /// listen(2) of a TCP socket, bound or not.
    case listen
    /// Somebody outside reaches a listening TCP socket of the session's at an endpoint of this host.
    case accept(AcceptPath, IPAddress, port: UInt16)
    /// What a unix socket does.
    case unix(UnixAct, UnixName)
    /// setsockopt(2).
    case socketOption(level: UInt64, option: UInt64)
    /// ioctl(2) by its request, of any descriptor.
    case deviceControl(request: UInt64)
    /// ioctl(2) of a device that was opened at this path, by a request that it knows.
    case controlDevice(Opening, path: String)
    case file(FileAct, path: String)
    /// rename(2) or link(2) between directories.
    case move(from: String, to: String)
    case metadata(MetadataChange, path: String, of: Ownership)
    /// execve(2) after the server has started.
    case execute(path: String)
    /// execve(2) of a file in memory, which lies nowhere.
    case executeMemory
    /// The server's own execve.
    case start
    case makeProcess
    case makeThread
    /// clone(2) with one CLONE_NEW flag.
    case makeNamespace(flag: UInt64)
    /// seccomp(2) with a new listener.
    case newListener
    /// A call that no policy permits, by name.
    case forbidden(call: String)
    /// kill(2) or ptrace(2) of a process outside.
    case signalOutside
    /// prlimit(2), sched_setscheduler(2) and their kin, of a process outside.
    case adjustOutside

    /// What a file was opened for.
    public enum Opening: Sendable, Hashable, CaseIterable {
        case reading
        /// With O_ACCMODE: neither reading nor writing.
        case nothing
    }

    public enum Transport: Sendable, Hashable, CaseIterable { case tcp, udp }

    /// How a connection is asked for.
    public enum ConnectPath: Sendable, Hashable, CaseIterable {
        case connect
        /// The MSG_FASTOPEN of sendto(2), sendmsg(2) and sendmmsg(2).
        case sendTo, sendMessage, sendMessages
    }

    /// How a datagram is sent.
    public enum SendPath: Sendable, Hashable, CaseIterable {
        /// connect(2), then send(2).
        case connect
        /// The destination with the message: sendto(2), sendmsg(2), sendmmsg(2).
        case sendTo, sendMessage, sendMessages
        /// sendmsg(2) that names another endpoint, with control data or a socket option that turn the datagram to this one.
        case turned
    }

    /// How the listening socket came to its endpoint.
    public enum AcceptPath: Sendable, Hashable, CaseIterable {
        case bound
        /// listen(2) without bind(2): the kernel chose the port.
        case unbound
    }

    public enum UnixAct: Sendable, Hashable, CaseIterable {
        /// connect(2) of a stream.
        case connect
        /// sendto(2) of a datagram socket.
        case sendTo
        /// sendto(2) of one of a pair.
        case sendFromPair
        case bind
        case listen
        /// A name is chosen by the kernel when a socket that passes credentials sends.
        case autobind
    }

    public enum UnixName: Sendable, Hashable {
        case path(String)
        case abstract(String)
    }

    public enum FileAct: Sendable, Hashable, CaseIterable {
        case read, list, write, truncate, makeFile, makeDirectory, makeLink, makeDevice, leaveDevice, makeFIFO, makeSocket, remove,
            removeDirectory
    }

    public enum MetadataChange: Sendable, Hashable, CaseIterable {
        /// chmod(2), chown(2), utimensat(2) with times that are given.
        case mode, owner, times
        /// utimensat(2) with the time of now; setxattr(2) and removexattr(2) of `user.*`. Ordinary permissions ask for writing, not owning.
        case touch, attribute
    }

    /// Whose a file is, before ordinary permissions.
    public enum Ownership: Sendable, Hashable, CaseIterable {
        case own
        /// Another's, which the session's user may write.
        case writable
        case others
    }
}
