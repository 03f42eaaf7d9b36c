import MCP

/// The two tables of requests that are not answered, one for each direction: ids of one are nothing to the other.
extension GateState {
    /// Who waits for an answer with this id, and does no longer. What the kernel denied is told before, since the outcome names those receipts.
    mutating func takePending(_ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) -> Pending? {
        guard fromClient[id] != nil else { return nil }
        tellDenials(now, &turn)
        return fromClient.removeValue(forKey: id)
    }

    /// A request of the client under this id waits for its answer.
    func isInUse(_ id: RequestID) -> Bool {
        fromClient[id] != nil || holds.waiting[id] != nil || leases.waiting[id] != nil || pins.pages[id] != nil
            || heldMessages.waiting[.response(id)] != nil
    }

    /// A request of this side that is to be told of its progress under this token waits for its answer, and still wants it: of what is told
    /// under it, nobody could say which of them it is about (2025-11-25, "Progress": tokens are unique across all active requests).
    func isInUse(token: RequestID?, _ side: Side) -> Bool {
        guard let token else { return false }
        switch side {
        case .server:
            return fromServer.values.contains { $0.progressToken == token && !$0.isCancelled }
                || heldMessages.waiting.values.contains { $0.progressToken == token }
        case .client:
            return fromClient.values.contains { $0.progressToken == token && !$0.isCancelled }
                || holds.waiting.values.contains { $0.meta.progressToken == token }
                || leases.waiting.values.contains { $0.meta.progressToken == token }
                || pins.pages.values.contains { $0.pending.progressToken == token } || tasks.isProgress(token)
                || heldMessages.waiting.values.contains { $0.pending?.progressToken == token }
        }
    }

    /// A request of the server under this id waits for its answer.
    func isAsked(_ id: RequestID) -> Bool { fromServer[id] != nil || heldMessages.waiting[.request(id)] != nil }

    /// Whether one more request of the client can be remembered. Servers need not answer what was cancelled: the longest forgotten of those
    /// gives way.
    mutating func hasRoomForClient(_ now: UInt64, _ turn: inout GateTurn) -> Bool {
        let kept = holds.waiting.count + leases.waiting.count + pins.pages.count + heldMessages.responseCount
        guard fromClient.count + kept >= Pending.limit else { return true }
        guard let id = Self.oldestCancelled(fromClient), let pending = takePending(id, now, &turn) else { return false }
        if pending.decision != nil { recordOutcome(CallOutcome(pending, now: now, size: 0), &turn) }
        return true
    }

    /// Whether one more request of the server can be remembered.
    mutating func hasRoomForServer() -> Bool {
        guard fromServer.count + heldMessages.requestCount >= Pending.limit else { return true }
        guard let id = Self.oldestCancelled(fromServer) else { return false }
        fromServer[id] = nil
        return true
    }

    private static func oldestCancelled(_ pending: [RequestID: Pending]) -> RequestID? {
        pending.filter(\.value.isCancelled).min { ($0.value.since, $0.value.decision ?? 0) < ($1.value.since, $1.value.decision ?? 0) }?.key
    }

    /// What `body` writes as an answer belongs to this place in a batch, or to none.
    mutating func answering(_ slot: BatchSlot?, _ body: (inout GateState) -> Void) {
        let outer = self.slot
        self.slot = slot
        body(&self)
        self.slot = outer
    }
}
