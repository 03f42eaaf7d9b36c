import Descriptors
import EventLoop
import Evidence
import StrictJSON

/// The log: what the daemon records itself, and what the sessions' gates stated.
extension Daemon {
    /// Appends a receipt. After a failure nothing new is launched; what gates state goes on into their spools.
    @discardableResult
    func record(_ kind: ReceiptKind, _ body: JSONObject, _ facts: SessionFacts?) -> Bool {
        guard let receipt = try? Receipt(kind, time: Clock.realtime, facts: facts, body: body) else { return false }
        do throws(LogError) {
            try log.append(receipt)
            logFault = nil
            return true
        } catch {
            logFault = error
            return false
        }
    }

    /// Carries what the session's gate stated into the log; false when some of it must be carried there later.
    @discardableResult
    func fold(_ session: Session, isOver: Bool) -> Bool {
        guard session.folder != nil else { return true }
        do throws(Errno) {
            let spool = try WorkingDirectory().open(state.spool(session.id))
            return fold(session, spool, isOver: isOver)
        } catch {
            return error == .noEntry
        }
    }

    private func fold(_ session: Session, _ spool: borrowing OwnedDescriptor, isOver: Bool) -> Bool {
        do throws(FoldError) {
            var progress = SpoolFolder.Progress.more
            while progress == .more { progress = try session.folder!.fold(spool, into: log) }
            guard isOver else { return true }
            if case .torn(let bytes) = progress { record(.lifecycle, ["event": "torn-spool", "bytes": JSON(bytes)], session.facts) }
            // The log must be on the disk before the spool, which may be, is gone.
            guard checkpoint() else { return false }
            try? WorkingDirectory().unlink(state.spool(session.id))
            return true
        } catch {
            return foldFailed(session, error, isOver)
        }
    }

    /// What breaks the rules stays where it is; what could not be read or written now is for later.
    private func foldFailed(_ session: Session, _ error: FoldError, _ isOver: Bool) -> Bool {
        switch error {
        case .spool: return false
        case .log(let fault):
            logFault = fault
            return false
        case .violation(let fault):
            record(.lifecycle, ["event": "violation", "peer": "gate", "fault": .string(fault.text)], session.facts)
            if !isOver { session.tearDown() }
            return true
        }
    }

    func foldLater() {
        _ = loop.after(nanoseconds: 1_000_000_000) { [weak self] in
            guard let self else { return }
            for session in sessions.values where session.phase == .running { session.foldAndCompare() }
            landlock?.tick()
            // There may be room again; nobody else would find out, since launches are refused before they record anything.
            if logFault != nil, checkpoint() { logFault = nil }
            if log.pending >= 1_000 { checkpoint() }
            foldLater()
        }
    }

    /// Signs what the log has; false when that could not be written.
    @discardableResult
    func checkpoint() -> Bool {
        do throws(LogError) {
            try log.checkpoint()
            return true
        } catch {
            logFault = error
            return false
        }
    }
}
