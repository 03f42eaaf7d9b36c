import Decision
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// What a server asks the client for, and a person decides about first.
///
/// INVARIANT: a message is passed on only while it is taken out of `heldMessages`, and only when each of its questions was granted; so it is at
/// most once. It is judged again then, as if it came only now.
extension GateState {
    /// What is to be asked about: a question that was judged.
    struct HeldQuestion {
        let input: Input
        let method: Method
        let kind: MessageKind
        let rule: RuleID
        /// What an approver sees.
        let parameters: String
    }

    /// Keeps a request of the server, and asks for a person. Errors: why it is not kept.
    mutating func hold(
        _ input: Input, _ id: RequestID, _ meta: RequestMeta, _ question: HeldQuestion, _ now: UInt64, _ turn: inout GateTurn
    ) throws(BlockReason) {
        let message = HeldMessage(
            input: input, pending: nil, line: tape.encoded(), slot: slot, progressToken: meta.progressToken, since: now,
            due: now + facts.wait)
        try hold(.request(id), message, [question], now, &turn)
        _ = expectAnswer()
    }

    /// Keeps a response back while persons are asked about what the server asks for in it, or for good where something else in it is not permitted.
    /// False when nobody is to be asked.
    mutating func waitsForPerson(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) -> Bool {
        guard !pending.isCancelled, messages.asks, canRecord, !isGranted else { return false }
        let (questions, fault) = heldQuestions(pending, result, error)
        guard let first = questions.first else { return false }
        var input = Input(unanswered: id, pending, size)
        input.asked = first.method
        let message = HeldMessage(
            input: input, pending: pending, line: tape.encoded(), slot: nil, progressToken: nil, since: now, due: now + facts.wait)
        do throws(BlockReason) {
            if let fault {
                note(fault.input, fault.reason, &turn)
                throw fault.reason
            }
            try hold(.response(id), message, questions, now, &turn)
        } catch {
            withhold(message, error, now, &turn)
        }
        return true
    }

    private mutating func hold(
        _ key: HeldMessage.Key, _ message: HeldMessage, _ questions: [HeldQuestion], _ now: UInt64, _ turn: inout GateTurn
    ) throws(BlockReason) {
        var message = message
        let isAskedInline = canAskInline(key, questions)
        let calls = questions.map { question in
            HeldCall(
                tool: question.method.rawValue, arguments: question.parameters, rule: question.rule.text, layer: question.rule.layer,
                isAskedInline: isAskedInline, message: question.kind)
        }
        // Whoever decides must not be asked in vain: all of it is asked about, or nothing.
        for (question, call) in zip(questions, calls) {
            guard call.arguments.utf8.count <= HeldCall.argumentsLimit,
                GateRequest.hold(call).json.encoded().count < GateMessage.sizeLimit - 64
            else { throw .tooLargeToAsk(question.rule) }
        }
        guard canRecord else { throw unrecordable }
        guard heldMessages.hasRoom(for: message.line.count, questions: questions.count), requests.hasRoom(for: questions.count) else {
            throw .tooManyPending
        }
        for (index, question) in questions.enumerated() {
            let record = recordHold(question.input, question.rule, &turn)
            let request = ask(.hold(calls[index]), for: .message(key, question: index), now, &turn)
            message.questions.append(.init(method: question.method, rule: question.rule, record: record, request: request))
            tell(question.input, .hold(by: question.rule), &turn)
        }
        if isAskedInline { message.form = .init(message: questionText(calls[0], questions[0].rule)) }
        heldMessages.add(key, message)
    }

    // MARK: What comes of it

    /// What the daemon says of a question; nil when it is absent.
    mutating func settleMessage(
        _ key: HeldMessage.Key, _ index: Int, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let question = heldMessages.question(key, index) else { return }
        if answer?.isLast ?? true { heldMessages.update(key, index) { $0.isOpen = false } }
        switch answer {
        case .held(let approval)?: list(key, index, approval, now, &turn)
        case .granted(let approval, let by)?:
            note(question.record, .granted, approval, by: by, &turn)
            grant(key, index, now, &turn)
        case .denied(let approval, let by, let why)?:
            note(question.record, .denied, approval, by: by, &turn)
            end(key, .deniedByPerson(question.rule, by: by, why: why), about: question.method, &turn)
        case .expired(let approval)?:
            note(question.record, .expired, approval, by: nil, &turn)
            end(key, .approvalExpired(question.rule), about: question.method, &turn)
        case nil:
            note(question.record, .lost, question.approval, by: nil, &turn)
            end(key, .daemonAbsent, about: question.method, &turn)
        case .unavailable?: end(key, canRecord ? .storeUnavailable : unrecordable, about: question.method, &turn)
        case .failed?, .leased?, .exhausted?, .pinned?, .drifted?:
            end(key, canRecord ? .cannotAsk(question.rule) : unrecordable, about: question.method, &turn)
        }
    }

    /// Somebody can decide now.
    private mutating func list(_ key: HeldMessage.Key, _ index: Int, _ approval: String, _ now: UInt64, _ turn: inout GateTurn) {
        let isNew = heldMessages.question(key, index)?.approval == nil
        heldMessages.update(key, index) { $0.approval = approval }
        if isNew, let form = heldMessages.waiting[key]?.form, form.id == nil {
            let id = minted.next()
            heldMessages.ask(about: key, as: id)
            Elicitation.appendRequest(form.message + "\nApproval id: \(approval)", id: id, about: .message, to: &turn.toClient)
            return
        }
        say("waits for a person: sandboxctl approvals show \(approval)", &turn)
        if heldMessages.progressDue == nil { heldMessages.tellProgress(at: now) }
        tellWaits(now, &turn)
    }

    mutating func grant(_ key: HeldMessage.Key, _ index: Int, _ now: UInt64, _ turn: inout GateTurn) {
        heldMessages.update(key, index) { $0.isGranted = true }
        guard heldMessages.waiting[key]?.isGranted == true, let message = take(key, &turn) else { return }
        passOn(key, message, now, &turn)
    }

    /// Judges it anew, and passes it on where nothing but a person's word was missing.
    private mutating func passOn(_ key: HeldMessage.Key, _ message: HeldMessage, _ now: UInt64, _ turn: inout GateTurn) {
        // It was written from a document that was read.
        guard (try? tape.parse(message.line)) != nil else { return refuse(message, .badParameters, &turn) }
        isGranted = true
        switch (key, message.pending) {
        case (.response(let id), let pending?):
            let (result, error) = (tape.member("result", of: .root), tape.member("error", of: .root))
            respond(id, pending, result, error, message.input.size, now, &turn)
        case (.request(let id), _), (.response(let id), nil):
            let params = tape.member("params", of: .root)
            answering(message.slot) { state in state.ask(message.input, id, params, now, &turn) }
        }
        isGranted = false
    }

    // MARK: Ends of a wait

    /// Takes a message out of line, and the question about it out of the client's window.
    private mutating func take(_ key: HeldMessage.Key, _ turn: inout GateTurn) -> HeldMessage? {
        guard let message = heldMessages.remove(key) else { return nil }
        if let form = message.form?.id, !clientHasEnded { Elicitation.appendCancellation(of: form, to: &turn.toClient) }
        return message
    }

    /// The same, and nobody is to decide about it any more.
    private mutating func drop(_ key: HeldMessage.Key, _ outcome: HoldOutcome, _ turn: inout GateTurn) -> HeldMessage? {
        guard let message = take(key, &turn) else { return nil }
        for question in message.questions where question.isOpen {
            if let request = question.request { withdrawRequest(request, &turn) }
            note(question.record, outcome, question.approval, by: nil, &turn)
        }
        return message
    }

    /// Whoever waits for it is told.
    mutating func end(_ key: HeldMessage.Key, _ reason: BlockReason, about method: Method, _ turn: inout GateTurn) {
        guard let message = drop(key, .cancelled, &turn) else { return }
        refuse(message, reason, about: method, &turn)
    }

    private mutating func refuse(_ message: HeldMessage, _ reason: BlockReason, about method: Method? = nil, _ turn: inout GateTurn) {
        guard message.pending == nil else { return withhold(message, reason, about: method, message.since, &turn) }
        answering(message.slot) { state in state.block(message.input, reason, &turn) }
    }

    /// A response that is not passed on.
    private mutating func withhold(
        _ message: HeldMessage, _ reason: BlockReason, about method: Method? = nil, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let pending = message.pending else { return }
        recordWithheld(message, pending, now, &turn)
        var input = message.input
        if let method { input.asked = method }
        answering(pending.slot) { state in state.block(input, reason, &turn) }
    }

    private mutating func recordWithheld(_ message: HeldMessage, _ pending: Pending, _ now: UInt64, _ turn: inout GateTurn) {
        guard pending.decision != nil else { return }
        var outcome = CallOutcome(pending, now: now, size: message.input.size)
        outcome.status = .withheld
        recordOutcome(outcome, &turn)
    }

    /// Whoever sent the request does not want it any more, or its answer.
    mutating func cancelMessage(_ key: HeldMessage.Key, _ turn: inout GateTurn) {
        guard let message = drop(key, .cancelled, &turn) else { return }
        if let slot = message.slot { batches.drop(slot) }
        if var pending = message.pending {
            if let slot = pending.cancel() { batches.drop(slot) }
            recordWithheld(message, pending, message.since, &turn)
        }
        say("a held message was cancelled", &turn)
    }

    /// The client is gone: nothing that waits reaches anybody.
    mutating func dropMessages(_ turn: inout GateTurn) {
        for key in heldMessages.inOrder { cancelMessage(key, &turn) }
    }

    /// The server is gone: whoever waits for it is told.
    mutating func endMessages(_ turn: inout GateTurn) {
        for key in heldMessages.inOrder {
            guard let message = drop(key, .lost, &turn) else { continue }
            refuse(message, .serverEnded, &turn)
        }
    }

    // MARK: Time

    mutating func expireMessages(_ now: UInt64, _ turn: inout GateTurn) {
        for key in heldMessages.inOrder {
            guard let message = heldMessages.waiting[key], message.due <= now else { continue }
            stopWaiting(key, message, &turn)
        }
        tellWaits(now, &turn)
    }

    /// The server, or the client in its place, is told to ask again. What was granted already stays good for that, where it was granted now.
    private mutating func stopWaiting(_ key: HeldMessage.Key, _ message: HeldMessage, _ turn: inout GateTurn) {
        guard let next = message.questions.first(where: { $0.isOpen && $0.approval != nil }), let approval = next.approval else {
            guard let message = drop(key, .lost, &turn) else { return }
            return refuse(message, .daemonAbsent, &turn)
        }
        for (index, question) in message.questions.enumerated() where question.approval != nil {
            if let request = question.request { detachRequest(request, &turn) }
            heldMessages.update(key, index) { $0.isOpen = false }
            note(question.record, .left, question.approval, by: nil, &turn)
        }
        guard let message = drop(key, .lost, &turn) else { return }
        refuse(message, .awaitsApproval(next.rule, approval: approval), about: next.method, &turn)
    }

    /// Tells clients that the server waits, as far as they asked for that and the server itself tells nothing.
    private mutating func tellWaits(_ now: UInt64, _ turn: inout GateTurn) {
        guard let due = heldMessages.progressDue, due <= now, !clientHasEnded else { return }
        heldMessages.tellProgress(at: now + Hold.progressInterval)
        guard let approval = heldMessages.firstApproval else { return }
        for id in fromClient.sorted(by: { ($0.value.since, $0.value.decision ?? 0) < ($1.value.since, $1.value.decision ?? 0) }).map(\.key)
        {
            tell(fromClient[id]?.nextNotice(), approval, &turn)
        }
        for key in heldMessages.inOrder { tell(heldMessages.nextNotice(key), approval, &turn) }
    }

    private mutating func tell(_ notice: Pending.Notice?, _ approval: String, _ turn: inout GateTurn) {
        guard let notice else { return }
        ProgressNotification.append(
            notice.token, thousandths: notice.count, "the server waits for a person to decide; approval id \(approval)", to: &turn.toClient)
    }
}
