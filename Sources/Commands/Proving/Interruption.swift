import CLinux
import Descriptors
import Glibc

/// The signals that end a proof: taken as they come, so that what was made ready is removed.
struct Interruption: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Blocks SIGINT, SIGTERM and SIGHUP, and takes them by signalfd(2).
    init() throws(Errno) {
        let signals = [SIGINT, SIGTERM, SIGHUP]
        let number = clx_signal_create(signals, Int32(signals.count))
        guard number >= 0 else { throw Errno(code: -number) }
        descriptor = OwnedDescriptor(owning: number)
    }

    /// poll(2) of one descriptor until a deadline of the monotonic clock; false when it passed.
    func wait(for other: Int32, _ events: Int16, until deadline: UInt64) throws(ProofFailure) -> Bool {
        while true {
            let now = Clock.monotonic
            guard now < deadline else { return false }
            var entries = [
                pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: events, revents: 0),
            ]
            let count = poll(&entries, 2, Int32(min((deadline - now) / 1_000_000 + 1, 60_000)))
            if count < 0, Errno.last != .interrupted { throw .stage("waiting", .last) }
            try check()
            if count > 0, entries[1].revents != 0 { return true }
        }
    }

    /// Throws when a signal has come.
    func check() throws(ProofFailure) {
        var taken = clx_signal()
        if clx_signal_read(descriptor.number, &taken) == 1 { throw .interrupted(taken.signal) }
    }
}
