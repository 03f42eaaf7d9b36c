import Decision
import MCP
import SessionProtocol

/// The ends of streams, and records that could not be written.
extension GateState {
    /// The client writes no more: the server's input ends too, and it may finish what is pending.
    mutating func endClient(_ turn: inout GateTurn) {
        clientHasEnded = true
        dropHolds(&turn)
        dropMessages(&turn)
        turn.closesServerInput = leases.waiting.isEmpty
    }

    /// The server takes no more input: what comes from now on is answered here.
    mutating func endServerInput(_ now: UInt64, _ turn: inout GateTurn) {
        serverHasEnded = true
        endHolds(&turn)
        endMessages(&turn)
        endLeases(&turn)
        turn.toServer.removeAll()
        turn.closesServerInput = true
    }

    /// The server writes no more: everybody who waits is told, and the session is over.
    mutating func endServer(_ now: UInt64, _ turn: inout GateTurn) {
        serverHasEnded = true
        serverEndedUnanswered = !serverHasAnswered && !clientHasEnded
        endHolds(&turn)
        endMessages(&turn)
        endLeases(&turn)
        endPages(now, &turn)
        tellDenials(now, &turn)
        let waiting = fromClient.sorted { ($0.value.since, $0.value.decision ?? 0) < ($1.value.since, $1.value.decision ?? 0) }
        fromClient.removeAll()
        for (id, pending) in waiting {
            if pending.decision != nil { recordOutcome(CallOutcome(pending, now: now, size: 0), &turn) }
            if !pending.isCancelled { tellLost(id, pending, &turn) }
        }
        endTasks(now, &turn)
        turn.closesServerInput = true
        turn.isLast = true
    }

    private mutating func tellLost(_ id: RequestID, _ pending: Pending, _ turn: inout GateTurn) {
        var input = Input(side: .client, id: id, size: 0)
        input.method = pending.method
        input.era = pending.era
        input.wasMade = true
        let start = turn.toClient.count
        answering(pending.slot) { state in
            state.error(input, .serverEnded, to: id, .client, &turn)
            state.collect(.client, id, from: start, &turn)
        }
    }

    /// The records of this turn are not in the spool: what depends on them does not leave, and its calls are blocked.
    mutating func withdraw(_ now: UInt64, _ turn: inout GateTurn, _ lastNumber: UInt64, _ fault: BlockReason) {
        evidenceFault = fault
        self.lastNumber = lastNumber
        // Those that are taken back are blocked below, and counted there.
        unrecordedInputs += turn.records.reduce(0) { $0 + $1.inputs } - Int64(turn.guarded.count { $0.to != $0.asker })
        turn.records.removeAll()
        turn.recordBytes.removeAll()
        takeBackDenials(&turn, lastNumber)
        tasks.takeBack(after: lastNumber)
        for guarded in turn.guarded.reversed() { remove(guarded, &turn) }
        let guarded = turn.guarded
        turn.guarded.removeAll()
        for item in guarded {
            var input = Input(side: item.asker, id: item.id, method: item.method, era: item.era, size: 0)
            input.wasMade = item.to == item.asker
            input.wantsAnswer = item.id != nil
            answering(item.slot) { state in state.block(input, fault, &turn) }
        }
        takeBackRequests(now, &turn)
    }

    private mutating func remove(_ guarded: GateTurn.Guarded, _ turn: inout GateTurn) {
        switch guarded.to {
        case .server:
            turn.toServer.removeSubrange(guarded.range)
            if guarded.asker == .client, let id = guarded.id { forget(id) }
            if let spending = guarded.spending { allowances.takeBack(spending) }
            if let lease = guarded.lease { turn.toDaemon.append(.withdraw(number: lease)) }
        case .client:
            turn.toClient.removeSubrange(guarded.range)
            if guarded.asker == .server, let id = guarded.id { fromServer[id] = nil }
        }
    }

    /// A request of the client was not forwarded after all.
    private mutating func forget(_ id: RequestID) {
        guard let pending = fromClient.removeValue(forKey: id), let task = pending.task else { return }
        tasks.setOpen(true, pending.answered, task)
    }
}
