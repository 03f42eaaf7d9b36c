import Descriptors
import EventLoop
import Evidence
import KernelPlan
import Policy
import StrictJSON

/// What policies say of how long receipts are kept, applied to the log: at the start, and then every hour.
extension Daemon {
    private static let hour: UInt64 = 3_600_000_000_000
    /// So that whoever is launched meanwhile waits for a part of the work at most.
    private static let pause: UInt64 = 50_000_000

    /// Applies retention from now on. A private daemon's own log has one session, which runs: it looks after those of earlier ones.
    func beginRetention() {
        switch custody {
        case .daemon: retainLater(nanoseconds: 0)
        case .user: retainOthersLater(nanoseconds: 1_000_000_000)
        }
    }

    private func retainLater(nanoseconds: UInt64) {
        _ = loop.after(nanoseconds: nanoseconds) { [weak self] in
            guard let self else { return }
            retainLater(nanoseconds: retain() ? Self.pause : Self.hour)
        }
    }

    /// Removes some of what is past its time; whether there is more.
    private func retain() -> Bool {
        guard logFault == nil else { return false }
        do throws(LogError) {
            let removal = try log.retain(now: retentionClock.now(realtime: Clock.realtime, boottime: Clock.boottime))
            if removal != nil, let signed = log.lastCheckpoint { secondCustody.give(signed) }
            return removal?.hasMore ?? false
        } catch {
            retentionFailed(error)
            return false
        }
    }

    /// It is tried again; what was read and is not what was written stays as it is, for `receipts verify` to say more.
    private func retentionFailed(_ error: LogError) {
        if case .damaged = error {} else { logFault = error }
        guard saidRetentionFails != error else { return }
        saidRetentionFails = error
        record(.lifecycle, ["error": .string(error.text), "event": "retention-failed"], nil)
    }

    // MARK: Logs of earlier private daemons

    private func retainOthersLater(nanoseconds: UInt64) {
        _ = loop.after(nanoseconds: nanoseconds) { [weak self] in
            guard let self else { return }
            if retainNextOther() { retainOthersLater(nanoseconds: Self.pause) }
        }
    }

    /// What a session that ended soon left undone; bounded, since somebody may wait for this process.
    func retainOthersAtEnd() {
        guard custody == .user else { return }
        let due = Clock.monotonic + 1_000_000_000
        while Clock.monotonic < due, retainNextOther() {}
    }

    /// Applies retention to the next log; false when there is none left.
    private func retainNextOther() -> Bool {
        if otherLogs == nil { otherLogs = PrivateLogs(of: state) }
        guard let path = otherLogs?.next() else { return false }
        PrivateLogs.retain(path, now: retentionClock.now(realtime: Clock.realtime, boottime: Clock.boottime))
        return true
    }
}

extension JSONObject {
    /// With how long the session's receipts are kept: the log has no other source for it after a restart.
    func saying(_ keep: Keep?) -> JSONObject {
        var body = self
        if let keep { body[Keep.member] = keep.json }
        return body
    }
}

extension Keep {
    /// How long the policy keeps what is recorded under it.
    init(_ clause: EvidenceClause) {
        switch clause.keep?.value ?? .forever {
        case .forever: self = .forever
        case .seconds(let count): self = .seconds(UInt64(clamping: count))
        }
    }
}
