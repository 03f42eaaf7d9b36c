import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import StrictJSON

/// The log: what the daemon records itself, and what the sessions' gates stated.
extension Daemon {
    /// Appends a receipt. After a failure nothing new is launched; what gates state goes on into their spools.
    @discardableResult
    func record(_ kind: ReceiptKind, _ body: JSONObject, _ facts: SessionFacts?) -> Bool {
        var (body, facts) = (body, facts)
        if let session = facts?.session, sessions[session] == nil, !log.mayGoOn(session) {
            // It was closed in the log, and its numbers do not go on: what is said of it late, the log says.
            body["session"] = .string(session)
            facts = nil
        }
        guard let receipt = try? Receipt(kind, time: Clock.realtime, facts: facts, body: body) else { return false }
        do throws(LogError) {
            try log.append(receipt)
        } catch {
            logFault = error
            return false
        }
        logFault = brokenLog
        if kind == .lifecycle, body["event"] == "violation" { metrics.violated() }
        if kind == .kernelDenial, let facts { sessions[facts.session]?.folder?.count(kind, body, time: receipt.time) }
        checkpointIfDue()
        return true
    }

    /// For the part of a sentence behind a step.
    static func words(_ fault: LogError) -> String { "the log cannot be written: \(fault.text)" }

    /// Keeps a document that receipts are to name by the digest that is returned. What cannot be kept is not named: the launch ends, as it
    /// does when a receipt cannot be written.
    func keep(_ document: [UInt8]) throws(LaunchFailure) -> Digest {
        do throws(LogError) { return try log.keep(document: document) } catch {
            logFault = error
            throw LaunchFailure(.recordLaunch, nil, Self.words(error))
        }
    }

    /// Carries what the session's gate and name proxy stated into the log; false when some of it must be carried there later.
    @discardableResult
    func fold(_ session: Session, isOver: Bool) -> Bool {
        let isCarried = SpoolOwner.allCases.map { fold(session, $0, isOver: isOver) }
        return isCarried.allSatisfy { $0 }
    }

    private func fold(_ session: Session, _ owner: SpoolOwner, isOver: Bool) -> Bool {
        guard session.states(owner) else { return true }
        do throws(Errno) {
            let spool = try WorkingDirectory().open(state.spool(session.id, of: owner))
            return fold(session, owner, spool, isOver: isOver)
        } catch {
            return error == .noEntry
        }
    }

    private func fold(_ session: Session, _ owner: SpoolOwner, _ spool: borrowing OwnedDescriptor, isOver: Bool) -> Bool {
        do throws(FoldError) {
            var progress = SpoolFolder.Progress.more
            var steps = 0
            while progress == .more, isOver || steps < Self.foldingSteps {
                progress = try session.fold(owner, spool, into: log, limit: Int(CheckpointRhythm.standard.receipts))
                checkpointIfDue()
                steps += 1
            }
            session.tellFolded()
            if progress == .more { foldOn(session) }
            guard isOver else { return progress != .more }
            var rest: SpoolRest?
            if case .torn = progress { rest = .torn }
            return leave(session, owner, spool, rest)
        } catch {
            return foldFailed(session, owner, spool, error, isOver)
        }
    }

    /// Of as many receipts as are signed at once, in one turn of the loop: a gate may state faster than a busy disk takes, and others want their turn.
    private static let foldingSteps = 4

    /// In the next turn.
    private func foldOn(_ session: Session) {
        guard !session.isFoldedOn else { return }
        session.isFoldedOn = true
        loop.after(nanoseconds: 0) { [weak self, weak session] in
            guard let self, let session else { return }
            session.isFoldedOn = false
            if session.phase == .running { fold(session, isOver: false) }
        }
    }

    /// What could not be read or written now is for later.
    private func foldFailed(
        _ session: Session, _ owner: SpoolOwner, _ spool: borrowing OwnedDescriptor, _ error: FoldError, _ isOver: Bool
    ) -> Bool {
        switch error {
        case .spool: return false
        case .log(let fault):
            logFault = fault
            return false
        // Of what was not synced, a failure of the host's power leaves any part.
        case .violation(.corrupt) where isOver && session.isOfEarlierBoot: return leave(session, owner, spool, .torn)
        case .violation(let fault):
            record(.lifecycle, ["event": "violation", "peer": .string(owner.rawValue), "fault": .string(fault.text)], session.facts)
            if isOver { return leave(session, owner, spool, .foul(fault)) }
            session.tearDown()
            return true
        }
    }

    /// What of a spool does not go into the log.
    private enum SpoolRest {
        case torn
        case foul(SpoolFault)

        var fault: SpoolFault? { if case .foul(let fault) = self { fault } else { nil } }
    }

    /// Nobody writes the spool any more, and the log has of it what it takes: what is left is kept beside the log, and the spool removed.
    private func leave(_ session: Session, _ owner: SpoolOwner, _ spool: borrowing OwnedDescriptor, _ rest: SpoolRest?) -> Bool {
        if let rest {
            do throws(LogError) {
                try log.keepTorn(
                    spool, from: session.foldedBytes(owner), of: owner.facts(session.facts), fault: rest.fault, time: Clock.realtime)
            } catch {
                logFault = error
                return false
            }
        }
        // The log, and what it keeps besides, must be on the disk before the spool, which may be, is gone.
        do throws(LogError) { try log.synchronizeContents(of: owner.facts(session.facts).session) } catch {
            logFault = error
            return false
        }
        guard checkpoint() else { return false }
        try? WorkingDirectory().unlink(state.spool(session.id, of: owner))
        return true
    }

    var commitmentKeys: CommitmentKeys { CommitmentKeys(log: state.evidence) }

    /// The key of a session whose gate stated nothing is of no use. INVARIANT: the log knows the session, or it was this daemon's.
    func forgetUnusedKey(of session: String) {
        if log.lastSpoolNumber(of: session) == 0 { try? commitmentKeys.remove(session) }
    }

    func foldLater() {
        _ = loop.after(nanoseconds: 1_000_000_000) { [weak self] in
            guard let self else { return }
            logFault = brokenLog
            for session in sessions.values where session.phase == .running { session.foldAndCompare() }
            landlock?.tick()
            closeSessions()
            if let fault = unsettledFault, logFault == nil { writeAgain(after: fault) }
            checkpointIfDue()
            secondCustody.giveAgain()
            foldLater()
        }
    }

    /// There may be room again; nobody else would find out, since launches are refused before they record anything. What waits to be signed is tried
    /// first: that adds no receipts to a disk that is nearly full.
    private func writeAgain(after fault: LogError) {
        guard checkpoint(), record(.lifecycle, ["error": .string(fault.text), "event": "log-written-again"], nil) else { return }
        unsettledFault = nil
        if checkpoint(), custody == .daemon { closeLeftovers() }
    }

    /// What the disk did not take is not known: the log is to be read from there anew, by the next daemon.
    private var brokenLog: LogError? { log.isBroken ? .broken : nil }

    // MARK: Checkpoints

    private func checkpointIfDue() {
        guard CheckpointRhythm.standard.isDue(pending: log.pending, since: Clock.monotonic - signedAt) else { return }
        checkpoint()
    }

    /// Signs what the log has; false when that could not be written.
    @discardableResult
    func checkpoint() -> Bool {
        do throws(LogError) {
            let made = try log.checkpoint()
            signedAt = Clock.monotonic
            secondCustody.give(made)
            return true
        } catch {
            logFault = error
            return false
        }
    }

    // MARK: How it is

    func describeLog(_ connection: ControlConnection, _ call: borrowing ControlCall) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            connection.reply(ControlMessage(JSONObject([("log", logSummary.json)])))
        } catch {
            connection.fail(error)
        }
    }
}
