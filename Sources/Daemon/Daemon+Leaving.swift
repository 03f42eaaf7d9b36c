import EventLoop
import Evidence
import KernelPlan
import StrictJSON

/// Leaving: the daemon ends, and its sessions do not. Their keepers hold them for the next daemon (`Daemon+Adopting`), which is how one version
/// follows another.
extension Daemon {
    /// Nanoseconds in which whoever has connected may still ask.
    private static let lastCalls: UInt64 = 200_000_000
    /// Nanoseconds that launches and endings may take until nobody waits for them any more. The next daemon takes over what is left of them.
    private static let leavingLimit: UInt64 = 30_000_000_000

    /// Accepts nobody any more, sees launches and endings through, and stops the loop.
    func leave() {
        guard !isEnding, leaving == .no else { return }
        leaving = .serving
        stopListening()
        serviceManager?.tell(.stopping)
        loop.after(nanoseconds: Self.lastCalls) { [weak self] in
            guard let self, leaving == .serving else { return }
            leaving = .draining
            leaveIfQuiet()
        }
        loop.after(nanoseconds: Self.leavingLimit) { [weak self] in self?.stopLeaving() }
    }

    /// A session reached a phase in which it can be left, or is closed.
    func leaveIfQuiet() {
        guard leaving == .draining, sessions.values.allSatisfy({ $0.phase == .running || $0.phase == .closed }) else { return }
        // What was answered in this turn is sent before the loop ends.
        loop.after(nanoseconds: 0) { [weak self] in self?.stopLeaving() }
    }

    private func stopLeaving() {
        if !isEnding { loop.stop() }
    }

    /// The loop has ended: the log has what its sessions' gates stated, as far as that is not more than one turn takes, and says who does not look
    /// after them any more.
    func handOver() {
        for session in sessions.values where session.phase == .running { fold(session, isOver: false) }
        record(.lifecycle, ["event": "left", "sessions": JSON(sessions.count)], nil)
        checkpoint()
    }
}

/// How far a daemon has come that leaves its sessions to the next.
enum Leaving: Sendable, Hashable {
    case no
    /// Whoever has connected is answered as ever.
    case serving
    /// Nothing new is begun; what was begun goes on.
    case draining
}
