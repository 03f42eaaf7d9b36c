import Decision
import Descriptors
import EventLoop
import Evidence
import MCP
import SessionProtocol
import StrictJSON

extension GateLoop {
    /// Records first; then what they permit.
    func finishTurn() {
        state.finish(&turn)
        writeRecords()
        state.release(&turn)
        settleDenials()
        toServer.append(turn.toServer)
        toClient.append(turn.toClient)
        sayToPeople()
        queueForDaemon()
        if turn.closesServerInput { closesServerInput = true }
        if turn.isLast { beginEnding() }
        turn.clear()
        flushServer()
        flushClient()
        flushPeople()
        flushDaemon()
        wakeWhenDue()
        if closesServerInput && toServer.isEmpty { closeServerInput() }
        if isEnding && toClient.isEmpty { isOver = true }
        updateInterests()
    }

    private func writeRecords() {
        guard !turn.records.isEmpty else { return }
        do {
            try stageRecords()
            try spool.commit(durably: isDurable && turn.decides)
        } catch {
            state.step(.notRecorded(lastNumber: spool.lastNumber, error.reason), now: loop.now, into: &turn)
        }
        askToFold()
        if isBehind { state.fallBehind() }
    }

    /// Records that the log is not known to have.
    private var lead: Int { spool.position - foldedBytes }

    private var isBehind: Bool { lead >= Spool.lead }

    /// Long before calls are blocked, and while the daemon would not yet look by itself.
    private func askToFold() {
        guard session != nil, spool.position - max(foldedBytes, askedAt) >= Spool.announcedLead else { return }
        askedAt = spool.position
        turn.toDaemon.append(.ahead)
    }

    /// The log has so many bytes of the spool.
    func folded(_ bytes: Int) {
        foldedBytes = max(foldedBytes, min(bytes, spool.position))
        recoverRecords()
    }

    private func stageRecords() throws(SpoolError) {
        try turn.recordBytes.withUnsafeBufferPointer { bytes throws(SpoolError) in
            for record in turn.records {
                let body = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[record.range]))
                try spool.stage(record.kind.receipt, body: body)
            }
        }
    }

    /// After a failed write: whole again before anything new is decided.
    func recoverRecords() {
        guard let fault = state.evidenceFault else { return }
        if fault == .evidenceBehind {
            if !isBehind { state.catchUp(&turn) }
        } else if (try? spool.recover()) != nil {
            state.recordsAgain(lastNumber: spool.lastNumber, &turn)
            if isBehind { state.fallBehind() }
        }
    }

    /// Lines for people wait for a reader only up to a bound; how many were left out is said.
    private func sayToPeople() {
        guard !people.isFull else {
            unsaid += turn.people.count { $0 == UInt8(ascii: "\n") }
            return
        }
        if unsaid > 0 { people.append(Array("sandboxd: \(unsaid) lines were left out\n".utf8)) }
        unsaid = 0
        people.append(turn.people)
    }

    func flushServer() {
        guard !toServer.isEmpty else { return }
        guard let number = serverInput?.number else { return toServer.clear() }
        do { _ = try toServer.flush(to: BorrowedDescriptor(number)) } catch { endServerInput() }
    }

    func flushClient() {
        guard !toClient.isEmpty else { return }
        do {
            _ = try toClient.flush { bytes throws(Errno) in try clientOutput.write(bytes) }
        } catch {
            loseClient()
        }
    }

    func flushPeople() {
        guard !people.isEmpty else { return }
        do {
            _ = try people.flush { bytes throws(Errno) in try peopleOutput.write(bytes) }
        } catch {
            // Nobody reads it; the session does not depend on it.
            people.clear()
        }
    }
}

extension GateRecord.Kind {
    var receipt: ReceiptKind {
        switch self {
        case .decision: .decision
        case .outcome: .outcome
        case .hold: .hold
        case .denial: .kernelDenial
        case .drift: .drift
        case .lifecycle: .lifecycle
        }
    }
}

extension SpoolError {
    /// What calls are blocked with.
    fileprivate var reason: BlockReason {
        switch self {
        // A disk that is full takes what there is room for.
        case .write(.noSpace), .write(.overQuota), .short: .evidenceFull
        case .synchronize: .evidenceLost
        case .write, .tooLarge, .needsRecovery: .evidenceUnavailable
        }
    }
}
