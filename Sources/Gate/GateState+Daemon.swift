import SessionProtocol

/// Requests to the daemon, and what comes of them.
extension GateState {
    /// When `GateEvent.due` is to be stepped; nil while nothing waits.
    public var nextDue: UInt64? { [requests.nextDue, holds.nextDue, heldMessages.nextDue].compactMap(\.self).min() }

    /// Asks the daemon; nil when too much waits already, or nothing can be recorded. Else the number of the request.
    mutating func ask(_ request: GateRequest, for purpose: DaemonRequests.Purpose, _ now: UInt64, _ turn: inout GateTurn) -> Int64? {
        guard !requests.isFull, canRecord else { return nil }
        let asked = requests.add(request, for: purpose, now: now)
        turn.toDaemon.append(asked.message)
        return asked.number
    }

    mutating func heard(_ message: DaemonMessage, _ now: UInt64, _ turn: inout GateTurn) {
        switch message {
        case .answer(let number, let answer):
            // One to what nobody asked, or does not want any more, is of no consequence.
            guard let open = requests.answered(number, answer, now: now) else { return }
            settle(open, answer, now, &turn)
        case .present: requests.isPresent(now: now)
        case .adopted: resume(now, &turn)
        case .superseded: supersede(now, &turn)
        // Of the spool, which the loop writes, and what comes with a descriptor, which it reads.
        case .folded, .sections: break
        }
    }

    /// Another daemon answers: it is asked again.
    private mutating func resume(_ now: UInt64, _ turn: inout GateTurn) {
        turn.toDaemon.append(.resumed)
        heldMessages.forgetDaemon()
        for (old, new, open) in requests.renumber(now: now) {
            switch open.purpose {
            case .hold(let call): holds.renumber(call, from: old, to: new)
            case .message(let key, let index): heldMessages.update(key, index) { $0.request = new }
            case .lease(let call): leases.renumber(call, from: old, to: new)
            case .definition: break
            }
            turn.toDaemon.append(.request(number: new, open.request))
        }
    }

    /// Whoever waited for a daemon that does not answer, or for a person for long enough, waits no longer.
    mutating func expire(_ now: UInt64, _ turn: inout GateTurn) {
        for (number, open) in requests.overdue(now) {
            turn.toDaemon.append(.withdraw(number: number))
            settle(open, nil, now, &turn)
        }
        if requests.asksPresence(now) { turn.toDaemon.append(.presence) }
        expireHolds(now, &turn)
        expireMessages(now, &turn)
    }

    /// The records of this turn are not in the spool: what it would have asked is not asked.
    mutating func takeBackRequests(_ now: UInt64, _ turn: inout GateTurn) {
        let all = turn.toDaemon
        turn.toDaemon.removeAll()
        for message in all {
            guard case .request(let number, _) = message else {
                turn.toDaemon.append(message)
                continue
            }
            guard let open = requests.close(number) else { continue }
            settle(open, .failed("not recorded"), now, &turn)
        }
        // Nor is it taken back, where several were asked together: the daemon would not know what.
        turn.toDaemon.removeAll { message in
            guard case .withdraw(let number) = message else { return false }
            return all.contains { if case .request(number, _) = $0 { true } else { false } }
        }
    }

    /// `nil`: the daemon is absent.
    private mutating func settle(_ open: DaemonRequests.Open, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        switch open.purpose {
        case .hold(let call): settleHold(call, answer, now, &turn)
        case .message(let key, let index): settleMessage(key, index, answer, now, &turn)
        case .lease(let call): settleLease(call, answer, now, &turn)
        case .definition(let definition): settleDefinition(definition, answer, now, &turn)
        }
    }
}
