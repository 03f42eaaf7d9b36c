import CLinux
public import Descriptors

/// One thread's wait for everything: descriptors (epoll(7), level-triggered), timers (one timerfd), signals (one signalfd).
///
/// Handlers run one after another on the thread that calls `run`. A handler may add, change and remove any registration, its own too; what
/// was removed is not called again, even if the kernel had reported it in the same turn.
/// INVARIANT: a registration is removed before its descriptor is closed.
public final class EventLoop {
    let epoll: OwnedDescriptor
    var table = RegistrationTable()
    var timers = TimerHeap()
    let timer: OwnedDescriptor
    /// The absolute time the timerfd is set to; nil when it is not.
    var armed: UInt64?
    var signals: OwnedDescriptor?
    private var atEndOfTurn: [() -> Void] = []
    private var isStopping = false
    private var events = [clx_event](repeating: clx_event(), count: Int(CLX_EPOLL_BATCH))

    /// epoll_create1(2) and timerfd_create(2).
    public init() throws(Errno) {
        epoll = OwnedDescriptor(owning: try checked(clx_epoll_create()))
        timer = OwnedDescriptor(owning: try checked(clx_timer_create(0)))
        try registerTimer()
    }

    /// `CLOCK_MONOTONIC` in nanoseconds.
    public var now: UInt64 { clx_monotonic_nanoseconds() }

    /// Handles events until `stop` is called. A handler that called `stop` ends the loop after its turn.
    public func run() throws(Errno) {
        isStopping = false
        while !isStopping {
            try turn(waiting: true)
        }
    }

    /// Ends `run` at the end of the present turn.
    public func stop() {
        isStopping = true
    }

    /// One turn: what is ready now, timers that are due, then what `atEndOfTurn` collected. Waits for the first event if told to.
    public func turn(waiting: Bool) throws(Errno) {
        let mayWait = waiting && table.eager == 0 && atEndOfTurn.isEmpty
        let count = try wait(mayWait ? -1 : 0)
        let eager = table.eager > 0 ? table.eagerRegistrations() : []
        for index in 0..<count {
            dispatch(Registration(packed: events[index].data), Readiness(rawValue: events[index].events))
        }
        for registration in eager { dispatchEager(registration) }
        runEndOfTurn()
    }

    /// Runs `body` once, after every handler of this turn (called outside of a turn: of the next). What it adds itself runs in the same
    /// turn.
    public func atEndOfTurn(_ body: @escaping () -> Void) {
        atEndOfTurn.append(body)
    }

    private func wait(_ milliseconds: Int32) throws(Errno) -> Int {
        let count = clx_epoll_wait(epoll.number, &events, Int32(events.count), milliseconds)
        if count == -Errno.interrupted.code { return 0 }
        return Int(try checked(count))
    }

    private func dispatch(_ registration: Registration, _ readiness: Readiness) {
        guard let entry = table[registration], !entry.interest.isEmpty else { return }
        entry.handler(readiness)
    }

    private func dispatchEager(_ registration: Registration) {
        guard let entry = table[registration], !entry.interest.isEmpty else { return }
        entry.handler(Readiness(rawValue: entry.interest.intersection([.readable, .writable]).rawValue))
    }

    private func runEndOfTurn() {
        while !atEndOfTurn.isEmpty {
            let bodies = atEndOfTurn
            atEndOfTurn = []
            for body in bodies { body() }
        }
    }
}

/// The shims return `-errno`.
func checked(_ result: Int32) throws(Errno) -> Int32 {
    if result >= 0 { return result }
    let error = Errno(code: -result)
    precondition(error != .badDescriptor && error != .badAddress, "event loop call on a descriptor that is not open")
    throw error
}
