import CLinux
import Descriptors

extension EventLoop {
    /// Runs `body` once, so many nanoseconds from now or a little later; 0 means in the next turn.
    @discardableResult
    public func after(nanoseconds: UInt64, _ body: @escaping () -> Void) -> TimerToken {
        let (deadline, isFar) = now.addingReportingOverflow(nanoseconds)
        return at(isFar ? .max : deadline, body)
    }

    /// Runs `body` once when the monotonic clock reaches `deadline` (nanoseconds).
    @discardableResult
    public func at(_ deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
        let token = timers.add(at: deadline, body)
        arm()
        return token
    }

    /// The body will not run. Without effect when it has.
    public func cancel(_ token: TimerToken) {
        timers.cancel(token)
    }

    /// Sets the timerfd when a deadline is earlier than what it is set to. A cancelled deadline only costs one empty wake-up.
    func arm() {
        guard let next = timers.next() else { return }
        if let armed, armed <= next { return }
        let farthest: UInt64 = UInt64(Int64.max)
        let result = clx_timer_arm(timer.number, min(max(next, 1), farthest))
        precondition(result == 0, "timerfd_settime refused a valid time")
        armed = next
    }

    func registerTimer() throws(Errno) {
        let number = timer.number
        try register(number, for: .readable) { [unowned self] _ in
            _ = clx_timer_read(number)
            armed = nil
            runDueTimers()
        }
    }

    /// Timers that are set by a body wait for the next turn, even when they are due: a body that sets itself again does not starve the
    /// rest.
    private func runDueTimers() {
        for token in timers.due(at: now) { timers.take(token)?() }
        arm()
    }
}
