import Decision
import MCP
import StrictJSON

/// Arrays of messages. Where 2025-03-26 was agreed on they are taken apart, each message is judged as if it had come alone, and what answers
/// them goes back as one array; elsewhere they are refused, and everybody who waits for one of their messages is told.
extension GateState {
    /// The tape holds an array of this side.
    mutating func stepBatch(_ side: Side, _ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        let members = elements()
        if agreed != .march2025 || members.isEmpty { return refuseBatch(side, .batch, members, size, now, &turn) }
        if batches.isFull { return refuseBatch(side, .tooManyPending, members, size, now, &turn) }
        let batch = batches.begin(from: side)
        for (index, member) in members.enumerated() {
            slot = BatchSlot(side: side, batch: batch, member: index)
            stepMember(side, member.span, now, &turn)
        }
        slot = nil
    }

    private mutating func stepMember(_ side: Side, _ member: Span<UInt8>, _ now: UInt64, _ turn: inout GateTurn) {
        guard (try? tape.parse(member)) != nil else { return refuseUnreadable(side, member, now, &turn) }
        switch side {
        case .client: judgeClient(member.count, now, &turn)
        case .server: judgeServer(member.count, now, &turn)
        }
    }

    /// The elements of the array in the tape, each written anew.
    private func elements() -> [[UInt8]] {
        var elements: [[UInt8]] = []
        var cursor = tape.firstChild(of: .root)
        while let element = cursor {
            elements.append(tape.encoded(element))
            cursor = tape.nextElement(after: element)
        }
        return elements
    }

    /// To be called where a request is remembered that will be answered later: the place of that answer, nil outside of batches.
    mutating func expectAnswer() -> BatchSlot? {
        if let slot { batches.expect(slot) }
        return slot
    }

    /// Moves an answer that was just written to its place in a batch, where `slot` says that it belongs into one.
    mutating func collect(_ side: Side, _ id: RequestID?, from start: Int, _ turn: inout GateTurn) {
        guard let slot, slot.side == side, turn.count(to: side) > start else { return }
        var answer = turn.takeLine(to: side, from: start)
        turn.moveGuard(to: side, from: start, into: slot)
        if !batches.hasRoom(for: answer.count, at: slot) {
            let input = Input(side: side == .client ? .server : .client, id: id, wantsAnswer: false, size: answer.count)
            note(input, .lineTooLong, &turn)
            error(input, .lineTooLong, to: id, side, &turn)
            answer = turn.takeLine(to: side, from: start)
        }
        batches.put(answer, at: slot)
    }

    /// Writes what answers whole batches. To be called when the records of the turn are in the spool, or known not to be.
    public mutating func release(_ turn: inout GateTurn) {
        for batch in batches.takeComplete() {
            switch batch.side {
            case .client: batch.append(to: &turn.toClient)
            case .server: if !serverHasEnded { batch.append(to: &turn.toServer) }
            }
        }
    }
}

/// Batches that are refused as a whole.
extension GateState {
    private mutating func refuseBatch(
        _ side: Side, _ reason: BlockReason, _ members: [[UInt8]], _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        note(Input(side: side, size: size), reason, count: Int64(members.count), &turn)
        var answered: Set<RequestID> = []
        for member in members {
            guard (try? tape.parse(member.span)) != nil else { continue }
            refuseMember(side, reason, member.count, now, &answered, &turn)
        }
        if side == .client && answered.isEmpty { error(Input(side: .client, size: size), reason, to: nil, .client, &turn) }
    }

    /// Tells whoever waits: the sender of a request, or who asked for a response.
    private mutating func refuseMember(
        _ side: Side, _ reason: BlockReason, _ size: Int, _ now: UInt64, _ answered: inout Set<RequestID>, _ turn: inout GateTurn
    ) {
        let (id, isRequest) = addressee()
        guard let id else { return }
        guard isRequest else { return refuseResponse(side, id, reason, size, now, &turn) }
        let isFree = side == .client ? !isInUse(id) : !isAsked(id)
        guard isFree, answered.insert(id).inserted else { return }
        error(Input(side: side, id: id, size: size), reason, to: id, side, &turn)
    }

    /// Whose id the document in the tape has.
    private func addressee() -> (id: RequestID?, isRequest: Bool) {
        do {
            return switch try Message(tape) {
            case .request(let id, _, _): (id, true)
            case .notification: (nil, true)
            case .result(let id, _): (id, false)
            case .error(let id, _): (id, false)
            }
        } catch {
            return (error.id, error.isRequestLike)
        }
    }
}
