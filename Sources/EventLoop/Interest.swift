import CLinux

/// What a registration wants to hear of. Errors and hang-ups are always told while there is any interest.
public struct Interest: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Something to read, to accept, or the end.
    public static let readable = Interest(rawValue: CLX_EPOLLIN)
    /// Room to write.
    public static let writable = Interest(rawValue: CLX_EPOLLOUT)
    /// The peer ended its writing (`EPOLLRDHUP`), and alone: nothing but errors and hang-ups.
    public static let hangUp = Interest(rawValue: CLX_EPOLLRDHUP)
}
