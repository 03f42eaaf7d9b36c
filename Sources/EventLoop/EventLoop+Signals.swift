import CLinux
public import Descriptors
import Glibc

extension EventLoop {
    /// Blocks these signals in this thread and hands them to `handler` from now on (signalfd(2)). Once per loop. `SIGCHLD` and others that
    /// come twice before they are read are told once.
    public func handleSignals(_ numbers: [Int32], _ handler: @escaping (SignalNotice) -> Void) throws(Errno) {
        precondition(signals == nil, "one loop handles one set of signals")
        let descriptor = OwnedDescriptor(owning: try checked(clx_signal_create(numbers, Int32(numbers.count))))
        let number = descriptor.number
        signals = consume descriptor
        try register(number, for: .readable) { _ in
            while let notice = readSignal(number) { handler(notice) }
        }
    }

    /// Lets these signals wait until a loop handles them (pthread_sigmask(3)), so that none ends a process that has only begun.
    public static func holdSignals(_ numbers: [Int32]) throws(Errno) {
        _ = try checked(clx_signal_block(numbers, Int32(numbers.count)))
    }

    /// signal(2), `SIG_IGN` for `SIGPIPE`: a write to a closed pipe is an error of that write.
    public static func ignoreBrokenPipes() {
        _ = clx_signal_ignore(SIGPIPE)
    }
}

private func readSignal(_ descriptor: Int32) -> SignalNotice? {
    var taken = clx_signal()
    guard clx_signal_read(descriptor, &taken) == 1 else { return nil }
    return SignalNotice(signal: taken.signal, process: taken.pid, user: taken.uid)
}
