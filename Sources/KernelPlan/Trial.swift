public import Policy

/// One act of the self-test, and what must come of it.
public struct Trial: Sendable, Hashable {
    public enum Act: Sendable, Hashable {
        /// connect(2) of a TCP socket, to a listener of ours in an empty network namespace.
        case tcpConnect(IPAddress, port: UInt16)
        case udpSend(IPAddress, port: UInt16)
        /// sendto(2) with MSG_FASTOPEN.
        case fastOpen(IPAddress, port: UInt16)
        case multipathSocket
        /// setsockopt(2) of IPV6_RTHDR: packets would leave for another address.
        case routingHeader
        case unixSocket
        /// socketpair(2) of datagram sockets: one of a pair may be bound and connected to a path.
        case unixDatagramPair
        case bind
        case listen
        /// bind(2) to an address of the same namespace, listen(2), and somebody who connects.
        case accept(IPAddress, port: UInt16)
        /// Opens a directory to list it.
        case list(directory: String)
        /// Opens a file for reading.
        case read(file: String)
        /// Makes an unnamed file (O_TMPFILE), so that nothing is left.
        case write(directory: String)
        /// Opens a file for writing, and writes nothing.
        case writeFile(String)
        case changeMode
        case fork
        case execute
        case ioUring
        case trace
        /// stat(2) finds what lies there outside.
        case seeHost(String)
        /// Opens /proc/PID/status of a process outside.
        case readStranger
        /// Opens a file for writing, or makes an unnamed one in a directory.
        case change(String)
        /// rmdir(2) of a directory that is not empty, which comes as far as seeing that.
        case removeDirectory(String)
        /// connect(2) of a datagram socket, which sends nothing, to a path.
        case unixConnect(String)
        /// The same, to an abstract socket of ours.
        case unixAbstract
    }

    public var act: Act
    public var isPermitted: Bool

    public init(_ act: Act, isPermitted: Bool) {
        self.act = act
        self.isPermitted = isPermitted
    }
}
