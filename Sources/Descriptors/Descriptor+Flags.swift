import Glibc

extension Descriptor where Self: ~Copyable {
    /// fcntl(2), `F_DUPFD_CLOEXEC`: the same open file under a new number of at least `lowest`.
    public func duplicate(atLeast lowest: Int32 = 3) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(owning: try retrying { fcntl(number, F_DUPFD_CLOEXEC, lowest) })
    }

    /// fcntl(2), `O_NONBLOCK`. Only on descriptors that are ours alone: the flag belongs to the open file, so that whoever else holds it
    /// sees it.
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

    /// fcntl(2), `F_SETLK`: takes the whole file for this process; false when another process has it. A child does not inherit it, so that
    /// none keeps it for the moment between fork and exec. Given back when this process closes any descriptor of the file.
    public func tryLockForProcess() throws(Errno) -> Bool {
        var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
        do {
            _ = try retrying { fcntl(number, F_SETLK, &lock) }
            return true
        } catch {
            if error == .tryAgain || error == .access { return false }
            throw error
        }
    }
}
