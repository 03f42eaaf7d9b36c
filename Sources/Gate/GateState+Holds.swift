import Decision
import MCP
import SessionProtocol
import StrictJSON

/// Calls that a person decides.
///
/// INVARIANT: a call is forwarded only while it is taken out of `holds`, or its round is, and only for a grant; so it runs at most once.
extension GateState {
    /// What is to be held: a call that is judged, in the tape.
    struct Asking {
        var input: Input
        let id: RequestID
        let call: CallParameters
        let meta: RequestMeta
        let judgement: Judgement
        let rule: RuleID
    }

    /// Keeps a call and asks for a person, or blocks it.
    mutating func hold(_ asking: Asking, _ now: UInt64, _ turn: inout GateTurn) {
        let call: HeldCall
        let line: [UInt8]
        do throws(BlockReason) {
            // Whoever decides must not be asked in vain.
            _ = try asking.judgement.additions?.redactions(in: asking.call.arguments, tape)
            line = tape.encoded()
            call = try heldCall(asking, line.count)
        } catch {
            return block(asking.input, error, &turn)
        }
        let record = recordHold(asking.input, asking.rule, &turn)
        guard let request = ask(.hold(call), for: .hold(call: asking.id), now, &turn) else {
            return block(asking.input, .tooManyPending, &turn)
        }
        let question = call.isAskedInline ? Hold.Question(message: questionText(call, asking.rule)) : nil
        holds.add(
            asking.id,
            Hold(
                input: asking.input, meta: asking.meta, rule: asking.rule, additions: asking.judgement.additions, line: line,
                question: question,
                record: record, slot: expectAnswer(), request: request, due: now + facts.wait))
        tell(asking.input, .hold(by: asking.rule), &turn)
    }

    private func heldCall(_ asking: Asking, _ size: Int) throws(BlockReason) -> HeldCall {
        guard canonical.count <= HeldCall.argumentsLimit, size <= Holds.lineLimit else { throw .tooLargeToAsk(asking.rule) }
        guard holds.hasRoom(for: size), !requests.isFull else { throw .tooManyPending }
        let call = HeldCall(
            tool: String(decoding: asking.input.name, as: UTF8.self), arguments: String(decoding: canonical, as: UTF8.self),
            rule: asking.rule.text, layer: asking.rule.layer, reason: asking.judgement.why,
            isAskedInline: canAskInline(asking.meta, asking.call))
        guard GateRequest.hold(call).json.encoded().count < GateMessage.sizeLimit - 64 else { throw .tooLargeToAsk(asking.rule) }
        return call
    }

    /// What the daemon says of a call; nil when it is absent.
    mutating func settleHold(_ id: RequestID, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        guard let hold = holds.waiting[id] else { return }
        switch answer {
        case .held(let approval)?: list(id, hold, approval, now, &turn)
        case .granted(let approval, let by)?:
            note(hold, .granted, approval, by: by, &turn)
            forwardHeld(id, now, &turn)
        case .denied(let approval, let by, let why)?:
            note(hold, .denied, approval, by: by, &turn)
            end(id, .deniedByPerson(hold.rule, by: by, why: why), &turn)
        case .expired(let approval)?:
            note(hold, .expired, approval, by: nil, &turn)
            end(id, .approvalExpired(hold.rule), &turn)
        case nil:
            note(hold, .lost, hold.approval, by: nil, &turn)
            end(id, .daemonAbsent, &turn)
        case .unavailable?: end(id, canRecord ? .storeUnavailable : unrecordable, &turn)
        case .failed?, .leased?, .exhausted?, .pinned?, .drifted?:
            end(id, canRecord ? .cannotAsk(hold.rule) : unrecordable, &turn)
        }
    }

    /// Somebody can decide now.
    private mutating func list(_ id: RequestID, _ hold: Hold, _ approval: String, _ now: UInt64, _ turn: inout GateTurn) {
        let isNew = hold.approval == nil
        holds.list(id, as: approval, progressDue: hold.meta.progressToken == nil || hold.question != nil ? nil : now)
        if isNew, hold.question != nil, askInline(id, hold, approval, now, &turn) { return }
        say("waits for a person: sandboxctl approvals show \(approval)", &turn)
        tellProgress(now, &turn)
    }

    // MARK: Ends of a wait

    /// Forwards a held call for a grant. What limits and budgets leave is spent now.
    mutating func forwardHeld(_ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) {
        guard let hold = release(id, &turn) else { return }
        // It was written from a document that was read.
        guard (try? tape.parse(hold.line)) != nil, let params = tape.member("params", of: .root),
            let call = CallParameters(params, hold.meta.era, in: tape)
        else {
            return answering(hold.slot) { state in state.block(hold.input, .badParameters, &turn) }
        }
        answering(hold.slot) { state in state.forward(hold.input, id, call, hold.meta, hold.rule, hold.additions, now, &turn) }
    }

    /// Takes a call out of line, and its question out of the client's window.
    private mutating func release(_ id: RequestID, _ turn: inout GateTurn) -> Hold? {
        guard let hold = holds.remove(id) else { return nil }
        if let question = hold.question?.id, !clientHasEnded { Elicitation.appendCancellation(of: question, to: &turn.toClient) }
        return hold
    }

    /// A call that is not made.
    mutating func end(_ id: RequestID, _ reason: BlockReason, _ turn: inout GateTurn) {
        guard let hold = release(id, &turn) else { return }
        answering(hold.slot) { state in state.block(hold.input, reason, &turn) }
    }

    /// The client wants no answer any more, and nobody is to decide.
    mutating func cancelHold(_ id: RequestID, _ turn: inout GateTurn) {
        guard let hold = release(id, &turn) else { return }
        if let slot = hold.slot { batches.drop(slot) }
        withdrawRequest(hold.request, &turn)
        note(hold, .cancelled, hold.approval, by: nil, &turn)
        say("a held call was cancelled", &turn)
    }

    /// The client is gone: nothing that waits is made.
    mutating func dropHolds(_ turn: inout GateTurn) {
        for id in heldInOrder { cancelHold(id, &turn) }
    }

    /// The server is gone: whoever waits is told.
    mutating func endHolds(_ turn: inout GateTurn) {
        for id in heldInOrder {
            guard let hold = holds.waiting[id] else { continue }
            withdrawRequest(hold.request, &turn)
            note(hold, .lost, hold.approval, by: nil, &turn)
            end(id, .serverEnded, &turn)
        }
    }

    var heldInOrder: [RequestID] { holds.waiting.sorted { $0.value.record < $1.value.record }.map(\.key) }

    mutating func withdrawRequest(_ number: Int64, _ turn: inout GateTurn) {
        _ = requests.close(number)
        turn.toDaemon.append(.withdraw(number: number))
    }

    /// Whoever runs the client has decided about it in the client's window: nobody else is to.
    mutating func closeRequest(_ number: Int64, _ reply: Elicitation.Reply, _ turn: inout GateTurn) {
        guard reply == .accepted else { return withdrawRequest(number, &turn) }
        _ = requests.close(number)
        turn.toDaemon.append(.accepted(number: number))
    }

    /// The call is answered; what is decided later is for the next call like it.
    mutating func detachRequest(_ number: Int64, _ turn: inout GateTurn) {
        _ = requests.close(number)
        turn.toDaemon.append(.detach(number: number))
    }

    // MARK: Time

    mutating func expireHolds(_ now: UInt64, _ turn: inout GateTurn) {
        for id in heldInOrder {
            guard let hold = holds.waiting[id], hold.due <= now else { continue }
            stopWaiting(id, hold, &turn)
        }
        tellProgress(now, &turn)
    }

    private mutating func stopWaiting(_ id: RequestID, _ hold: Hold, _ turn: inout GateTurn) {
        guard let approval = hold.approval else {
            withdrawRequest(hold.request, &turn)
            note(hold, .lost, nil, by: nil, &turn)
            return end(id, .daemonAbsent, &turn)
        }
        detachRequest(hold.request, &turn)
        note(hold, .left, approval, by: nil, &turn)
        end(id, .awaitsApproval(hold.rule, approval: approval), &turn)
    }

    private mutating func tellProgress(_ now: UInt64, _ turn: inout GateTurn) {
        guard !clientHasEnded else { return }
        for id in heldInOrder {
            guard let hold = holds.waiting[id], let due = hold.progressDue, due <= now, let token = hold.meta.progressToken,
                let approval = hold.approval
            else { continue }
            let count = holds.tellProgress(id, now: now)
            ProgressNotification.append(
                token, thousandths: count, "waits for a person to decide; approval id \(approval)", to: &turn.toClient)
        }
    }
}
