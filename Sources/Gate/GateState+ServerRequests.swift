import Decision
import Evidence
import MCP
import Policy
import StrictJSON

/// Requests of servers to clients, in the legacy era: sampling, elicitation, roots.
extension GateState {
    mutating func ask(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let method = input.method, let meta = try? RequestMeta(params, in: tape) else { return block(input, .badParameters, &turn) }
        guard hasRoomForServer(), !clientHasEnded else { return block(input, .tooManyPending, &turn) }
        guard canRecord else { return block(input, unrecordable, &turn) }
        var input = input
        do throws(BlockReason) {
            let judged = try question(method, params, abilities)
            input.commitment = try commit(toQuestion: params)
            input.content = try content()
            let edits = judged.edits + (params.map { metaEdits($0) } ?? [])
            if judged.waits { return try hold(input, id, meta, held(input, method, params, judged, edits), now, &turn) }
            forwardQuestion(input, id, meta, by: judged.rule, edits, now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// The code of what is asked.
    mutating func commit(toQuestion params: JSONNode?) throws(BlockReason) -> [UInt8] {
        do { return try commit(to: params) } catch { throw .inexactNumber(token: error.token) }
    }

    private mutating func forwardQuestion(
        _ input: Input, _ id: RequestID, _ meta: RequestMeta, by rule: RuleID, _ edits: [JSONEdit], _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let method = input.method else { return }
        rememberElicitation(tape.member("params", of: .root))
        let number = record(input, .forward(by: rule), &turn)
        let slot = expectAnswer()
        fromServer[id] = Pending(method, meta, since: now, decision: number, slot: slot)
        let start = turn.toClient.count
        forward(to: .client, edits: edits, &turn)
        turn.guarded.append(
            .init(id: id, era: .legacy, method: method, asker: .server, to: .client, range: start..<turn.toClient.count, slot: slot))
        tell(input, .forward(by: rule), &turn)
    }

    /// A person is sent to an address; the server says later that it is done.
    func elicitationID(_ params: JSONNode?) -> [UInt8]? { bytes(of: params.flatMap { tape.member("elicitationId", of: $0) }) }

    mutating func rememberElicitation(_ params: JSONNode?) {
        guard let id = elicitationID(params), id.count <= RequestID.longest, elicitations.count < Pending.limit else { return }
        elicitations.insert(id)
    }

    /// notifications/roots/list_changed
    mutating func rootsChanged(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        do throws(BlockReason) { try permitsSome(.roots) } catch { return block(input, error, &turn) }
        guard agreed != nil else { return block(input, .unexpectedNotification, &turn) }
        forward(to: .server, edits: clientMetaEdits(params), &turn)
    }

    /// notifications/elicitation/complete
    mutating func elicitationComplete(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        do throws(BlockReason) { try permitsSome(.elicitation) } catch { return block(input, error, &turn) }
        guard let id = elicitationID(params), elicitations.remove(id) != nil else { return block(input, .unexpectedNotification, &turn) }
        passNotification(&turn)
    }

    /// A client answers what a server asked. `result`: nil for an error.
    mutating func clientResponse(_ id: RequestID?, _ result: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        let input = Input(side: .client, id: id, wantsAnswer: false, size: size)
        guard let id, let pending = fromServer.removeValue(forKey: id) else { return block(input, .unexpectedResponse, &turn) }
        guard !pending.isCancelled else {
            if pending.decision != nil { recordOutcome(CallOutcome(pending, now: now, size: size), &turn) }
            return block(input, .unexpectedResponse, &turn)
        }
        let start = turn.toServer.count
        answering(pending.slot) { state in
            state.passAnswer(input, id, pending, result, now, &turn)
            state.collect(.server, id, from: start, &turn)
        }
    }

    private mutating func passAnswer(
        _ input: Input, _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ now: UInt64, _ turn: inout GateTurn
    ) {
        let edits = result.map { clientMetaEdits($0) } ?? []
        guard pending.decision != nil else { return forward(to: .server, edits: edits, &turn) }
        var asked = Input(side: .server, id: id, method: pending.method, size: input.size)
        asked.wasMade = true
        var outcome = CallOutcome(pending, now: now, size: input.size)
        outcome.status = result == nil ? .error : .result
        if let result, !isAnswer(result, to: pending.method) {
            outcome.status = .malformed
            recordOutcome(outcome, &turn)
            return block(asked, .badParameters, &turn)
        }
        guard canRecord else { return block(asked, unrecordable, &turn) }
        let start = turn.toServer.count
        forward(to: .server, edits: edits, &turn)
        outcome.commitment = commit(toLineOf: turn.toServer, from: start)
        recordOutcome(outcome, &turn)
        turn.guarded.append(
            .init(id: id, era: .legacy, method: pending.method, asker: .server, to: .server, range: start..<turn.toServer.count))
    }
}
