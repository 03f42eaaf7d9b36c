import CLinux

/// What epoll(7) said of a descriptor.
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let readable = Readiness(rawValue: CLX_EPOLLIN)
    public static let writable = Readiness(rawValue: CLX_EPOLLOUT)
    /// Both directions are over (`EPOLLHUP`); there may still be bytes to read.
    public static let hangUp = Readiness(rawValue: CLX_EPOLLHUP)
    /// The peer will write no more (`EPOLLRDHUP`).
    public static let peerEnded = Readiness(rawValue: CLX_EPOLLRDHUP)
    public static let error = Readiness(rawValue: CLX_EPOLLERR)

    /// A read will not block: bytes, the end or an error.
    public var mayRead: Bool { !isDisjoint(with: [.readable, .hangUp, .peerEnded, .error]) }
    /// A write will not block: room or an error.
    public var mayWrite: Bool { !isDisjoint(with: [.writable, .hangUp, .error]) }
}
