import SessionProtocol

/// Requests to the daemon, and what comes of them.
extension GateState {
    /// When `GateEvent.due` is to be stepped; nil while nothing waits.
    public var nextDue: UInt64? { requests.nextDue }

    /// Asks the daemon; false when too much waits already, or nothing can be recorded.
    mutating func ask(_ request: GateRequest, for purpose: DaemonRequests.Purpose, _ now: UInt64, _ turn: inout GateTurn) -> Bool {
        guard !requests.isFull, canRecord else { return false }
        turn.toDaemon.append(requests.add(request, for: purpose, now: now))
        return true
    }

    /// An answer to what nobody asked, or does not want any more, is of no consequence.
    mutating func answered(_ message: DaemonMessage, _ now: UInt64, _ turn: inout GateTurn) {
        guard let open = requests.answered(message) else { return }
        settle(open, message.answer, now, &turn)
    }

    /// Whoever waited for a daemon that does not answer, waits no longer.
    mutating func expire(_ now: UInt64, _ turn: inout GateTurn) {
        for (_, open) in requests.overdue(now) { settle(open, nil, now, &turn) }
    }

    /// `nil`: the daemon is absent.
    private mutating func settle(_ open: DaemonRequests.Open, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        switch open.purpose {
        case .hold(let call): settleHold(call, answer, now, &turn)
        case .lease(let call): settleLease(call, answer, now, &turn)
        case .definition(let kind, let name): settleDefinition(kind, name, answer, now, &turn)
        }
    }
}
