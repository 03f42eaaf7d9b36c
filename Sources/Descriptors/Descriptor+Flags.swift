import Glibc

extension Descriptor where Self: ~Copyable {
    /// fcntl(2), `F_DUPFD_CLOEXEC`: the same open file under a new number of at least `lowest`.
    public func duplicate(atLeast lowest: Int32 = 3) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(owning: try retrying { fcntl(number, F_DUPFD_CLOEXEC, lowest) })
    }

    /// fcntl(2), `O_NONBLOCK`. Only on descriptors that are ours alone: the flag belongs to the open file, so that whoever else holds it sees it.
    public func setNonBlocking(_ isOn: Bool = true) throws(Errno) {
        let flags = try retrying { fcntl(number, F_GETFL) }
        _ = try retrying { fcntl(number, F_SETFL, isOn ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) }
    }

    /// fcntl(2), `FD_CLOEXEC`.
    public func setCloseOnExec(_ isOn: Bool = true) throws(Errno) {
        _ = try retrying { fcntl(number, F_SETFD, isOn ? FD_CLOEXEC : 0) }
    }

    /// fcntl(2), `F_GETFL`: access mode and status flags as they are now.
    public func statusFlags() throws(Errno) -> OpenFlags {
        OpenFlags(rawValue: try retrying { fcntl(number, F_GETFL) })
    }

    /// isatty(3).
    public var isTerminal: Bool { isatty(number) == 1 }

    /// flock(2), `LOCK_EX | LOCK_NB`: false when another open file holds the lock. Released when the last duplicate is closed.
    public func tryLock() throws(Errno) -> Bool {
        try attempt { flock(number, LOCK_EX | LOCK_NB) } != nil
    }
}
