import CLinux
import Descriptors
import Glibc

/// Waits until it is time to look again, or to end: SIGINT, SIGTERM and SIGHUP are taken by signalfd(2), so that whole lines were written when it
/// ends.
struct FollowPause: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let milliseconds: Int32

    init(milliseconds: Int32 = 250) throws(Errno) {
        self.milliseconds = milliseconds
        let signals = [SIGINT, SIGTERM, SIGHUP]
        let number = clx_signal_create(signals, Int32(signals.count))
        guard number >= 0 else { throw Errno(code: -number) }
        descriptor = OwnedDescriptor(owning: number)
    }

    /// False when it is time to end: a signal came, or nobody reads `output` any more.
    func wait(for output: BorrowedDescriptor) -> Bool {
        // Without events to wait for, poll(2) tells only that the other side has gone.
        var entries = [
            pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0), pollfd(fd: output.number, events: 0, revents: 0),
        ]
        let count = poll(&entries, 2, milliseconds)
        if count < 0 { return Errno.last == .interrupted }
        return entries.allSatisfy { $0.revents == 0 }
    }

    /// Whether a signal waits; it stays.
    var isInterrupted: Bool {
        var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }
}
