import Decision
import MCP
import SessionProtocol
import StrictJSON

/// Budgets that are not the session's alone: the daemon reserves what a call takes before it is forwarded.
///
/// INVARIANT: a call that charges one is forwarded only for an answer `leased`, once; and one that is not forwarded after such an answer gives it
/// back.
extension GateState {
    /// Keeps a call and asks for what it takes, or blocks it.
    mutating func lease(
        _ input: Input, _ id: RequestID, _ meta: RequestMeta, _ rule: RuleID, _ additions: Additions?, _ shared: [Allowances.SharedCharge],
        _ now: UInt64, _ turn: inout GateTurn
    ) {
        let line = tape.encoded()
        let (number, settled) = requests.nextLease
        let charges = shared.map { BudgetLease.Charge(budget: $0.budget, layer: $0.rule.layer, amount: $0.amount.text) }
        let lease = BudgetLease(id: number, settled: settled, charges)
        guard leases.hasRoom(for: line.count), GateRequest.lease(lease).json.encoded().count < GateMessage.sizeLimit - 64,
            let request = ask(.lease(lease), for: .lease(call: id), now, &turn)
        else { return block(input, canRecord ? .tooManyPending : unrecordable, &turn) }
        leases.add(
            id,
            Leases.Call(
                input: input, meta: meta, rule: rule, additions: additions, shared: shared, line: line, slot: expectAnswer(),
                request: request))
    }

    /// What the daemon says of what a call takes; nil when it is absent.
    mutating func settleLease(_ id: RequestID, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        guard let call = leases.remove(id) else { return }
        answering(call.slot) { state in state.settle(call, id, answer, now, &turn) }
        endInputOnceNothingWaits(&turn)
    }

    private mutating func settle(_ call: Leases.Call, _ id: RequestID, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        switch answer {
        case .leased?: forwardLeased(call, id, now, &turn)
        case .exhausted(let index)?:
            let charge = call.shared.indices.contains(index) ? call.shared[index] : call.shared[0]
            block(call.input, .budgetSpent(charge.rule, budget: charge.budget), &turn)
        case nil: block(call.input, .daemonAbsent, &turn)
        case .failed?, .unavailable?, .held?, .granted?, .denied?, .expired?, .pinned?, .drifted?:
            block(call.input, canRecord ? .storeUnavailable : unrecordable, &turn)
        }
    }

    private mutating func forwardLeased(_ call: Leases.Call, _ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) {
        // It was written from a document that was read.
        guard canRecord, (try? tape.parse(call.line)) != nil, let params = tape.member("params", of: .root),
            let parameters = CallParameters(params, call.meta.era, in: tape)
        else {
            turn.toDaemon.append(.withdraw(number: call.request))
            return block(call.input, canRecord ? .badParameters : unrecordable, &turn)
        }
        forward(call.input, id, parameters, call.meta, call.rule, call.additions, leased: call.request, now, &turn)
    }

    // MARK: Calls that are not made

    /// The client wants no answer any more.
    mutating func cancelLease(_ id: RequestID, _ turn: inout GateTurn) {
        guard let call = leases.remove(id) else { return }
        withdrawRequest(call.request, &turn)
        if let slot = call.slot { batches.drop(slot) }
        var input = call.input
        input.wantsAnswer = false
        block(input, .takenBack, &turn)
        endInputOnceNothingWaits(&turn)
    }

    /// The server is gone: whoever waits is told.
    mutating func endLeases(_ turn: inout GateTurn) {
        for id in leases.inOrder {
            guard let call = leases.remove(id) else { continue }
            withdrawRequest(call.request, &turn)
            answering(call.slot) { state in state.block(call.input, .serverEnded, &turn) }
        }
    }

    /// A client that writes no more has all that it wrote done first.
    private func endInputOnceNothingWaits(_ turn: inout GateTurn) {
        if clientHasEnded, leases.waiting.isEmpty { turn.closesServerInput = true }
    }
}
