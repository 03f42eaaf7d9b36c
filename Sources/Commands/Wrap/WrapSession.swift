import CLinux
import ControlProtocol
import Descriptors
import EventLoop
import Glibc

/// A session that runs, seen from `wrap`: the lifeline, the relays and the signals, in one loop.
final class WrapSession {
    /// How it came to its end.
    struct Outcome: Sendable, Hashable {
        /// Nil when the lifeline closed without a word: the session was torn down.
        var ending: SessionEnding?
        /// The signal that told us to end it.
        var signal: Int32?
    }

    private let lifeline: OwnedDescriptor
    private let relays: [Relay]
    private let loop: EventLoop
    private var outcome = Outcome()
    private var told: [UInt8] = []
    private var watching: Registration?
    /// The lifeline has closed; what is still in the pipes is passed on.
    private var isDraining = false

    /// Nanoseconds for the last words of a session that has ended, and for the end of one that was told to.
    private static let drainTime: UInt64 = 2_000_000_000
    private static let endTime: UInt64 = 15_000_000_000

    /// What its server asks of the kernel is heard here.
    private let watch: KernelWatch?
    private var hearing: Registration?

    init(lifeline: consuming OwnedDescriptor, relays: [Relay], watch: KernelWatch? = nil) throws(Errno) {
        self.lifeline = lifeline
        self.watch = watch
        self.relays = relays
        loop = try EventLoop()
    }

    /// Returns when the session has ended.
    func run() throws(Errno) -> Outcome {
        try loop.handleSignals([SIGTERM, SIGINT, SIGHUP]) { [unowned self] in handle($0) }
        watching = try loop.register(lifeline.number, for: .readable) { [unowned self] _ in listen() }
        if let watch {
            hearing = try loop.register(watch.number, for: .readable) { [unowned self] readiness in hear(watch, readiness) }
        }
        for relay in relays {
            try relay.start(in: loop) { [unowned self] in stopWhenDrained() }
        }
        try loop.run()
        return outcome
    }

    /// Nobody is left to ask when it hangs up.
    private func hear(_ watch: KernelWatch, _ readiness: Readiness) {
        if readiness.contains(.readable) { return watch.hear() }
        if let hearing { loop.remove(hearing) }
        hearing = nil
    }

    private func listen() {
        do {
            guard let message = try lifeline.receive(atMost: SessionEnding.size + 1) else { return }
            told += message.bytes
            if !message.isEnd, told.count < SessionEnding.size { return }
        } catch {
            // A lifeline that fails is one that says nothing.
        }
        outcome.ending = SessionEnding(bytes: told)
        drain()
    }

    private func drain() {
        if let watching { loop.remove(watching) }
        watching = nil
        isDraining = true
        for relay in relays where relay.role == .input { relay.stop() }
        loop.after(nanoseconds: Self.drainTime) { [unowned self] in loop.stop() }
        stopWhenDrained()
    }

    private func stopWhenDrained() {
        if isDraining, relays.allSatisfy(\.hasEnded) { loop.stop() }
    }

    /// The first signal ends the session, which still reports; the second does not wait for that.
    private func handle(_ notice: SignalNotice) {
        guard outcome.signal == nil else { return loop.stop() }
        outcome.signal = notice.signal
        try? lifeline.shutdownWriting()
        loop.after(nanoseconds: Self.endTime) { [unowned self] in loop.stop() }
    }
}

extension WrapSession.Outcome {
    /// What `wrap` exits with: the server's own status where there is one. A server that ended well because its gate had died did not end a
    /// session well: then it is the gate's.
    var status: ExitStatus {
        if let ending, let status = ending.server.shellStatus {
            return ExitStatus(status == 0 && ending.first == .gate && !ending.isUnanswered ? ending.gate.shellStatus ?? 0 : status)
        }
        if let signal { return ExitStatus(128 + signal) }
        return .notLaunched
    }

    /// The server died before it had answered anything: perhaps for want of something.
    var endedUnanswered: Bool { signal == nil && ending?.isUnanswered == true }

    /// What a person should know; nil when the server ended well and by itself.
    var message: String? { message(saidBefore: "what it said is above") }

    /// `saidBefore`: where what the server said on stderr is found.
    func message(saidBefore: String) -> String? {
        if let signal { return "ended on \(Self.name(of: signal))\(ending == nil ? "; the session's own end was not reported" : "")" }
        if let ending, ending.isUnanswered {
            return
                "the server \(Self.words(ending.server)) before it answered anything; \(saidBefore), and so is what the kernel denied it, if it did"
        }
        guard let ending else { return "the session was torn down before its end was reported" }
        switch ending.first {
        case .server:
            return ending.server == .exited(0)
                ? nil
                : "the server \(Self.words(ending.server)); \(saidBefore), and `sandboxctl explain` tells what its policy permits"
        case .gate:
            return ending.server == .exited(0) && ending.gate == .exited(0)
                ? nil : "the gate \(Self.words(ending.gate)), and the session ended with it; the server \(Self.words(ending.server))"
        case .lifeline: return "the session ended because the lifeline closed"
        case .daemon: return "sandboxd ended the session; the server \(Self.words(ending.server))"
        case .proxy: return "the name proxy ended, and the session with it"
        case .selfTest: return "the self-test found something else than planned; the server was not started"
        case .other: return "the session ended for a reason that this version does not know"
        }
    }

    private static func words(_ end: SessionEnding.ProcessEnd) -> String {
        switch end {
        case .neverStarted: "was never started"
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was ended by \(name(of: signal))"
        case .unknown: "ended unseen"
        }
    }

    /// `SIGTERM` and the like, `signal 42` otherwise.
    static func name(of signal: Int32) -> String {
        let names = [
            SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS",
            SIGFPE: "SIGFPE",
            SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS",
            SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGTRAP: "SIGTRAP",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
