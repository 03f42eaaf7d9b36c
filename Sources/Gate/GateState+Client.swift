import Decision
import MCP
import Policy
import StrictJSON

/// What the client writes.
extension GateState {
    mutating func stepClient(_ line: Span<UInt8>, _ now: UInt64, _ turn: inout GateTurn) {
        do {
            try tape.parse(line)
        } catch {
            return refuseUnreadable(.client, line, now, &turn)
        }
        tape.kind(of: .root) == .array ? stepBatch(.client, line.count, now, &turn) : judgeClient(line.count, now, &turn)
    }

    /// The document in the tape: a whole line, or a member of a batch.
    mutating func judgeClient(_ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        let message: Message
        do {
            message = try Message(tape)
        } catch {
            return refuse(error, .client, size, now, &turn)
        }
        switch message {
        case .request(let id, let method, let params): request(id, method, params, size, now, &turn)
        case .notification(let method, let params): clientNotification(method, params, size, &turn)
        case .result(let id, let result) where holds.isQuestion(id): takeReply(id, result, now, &turn)
        case .error(let id?, _) where holds.isQuestion(id): takeReply(id, nil, now, &turn)
        case .result(let id, let result) where heldMessages.isForm(id): takeForm(id, result, now, &turn)
        case .error(let id?, _) where heldMessages.isForm(id): takeForm(id, nil, now, &turn)
        case .result(let id, let result): clientResponse(id, result, size, now, &turn)
        case .error(let id, _): clientResponse(id, nil, size, now, &turn)
        }
    }

    private mutating func request(
        _ id: RequestID, _ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = Input(side: .client, id: id, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard !isInUse(id) else {
            input.id = nil
            return block(input, .idInUse, &turn)
        }
        let meta: RequestMeta
        do {
            meta = try RequestMeta(params, in: tape)
        } catch {
            if case .unknownVersion(let version) = error { return refuseVersion(input, version, &turn) }
            return block(input, .badParameters, &turn)
        }
        input.era = meta.era
        if meta.era == .modern { unknownID = .absent }
        guard let method = input.method else { return block(input, .methodUnknown, &turn) }
        if let reason = method.refusal(asRequestFrom: .client, in: meta.era, agreed: agreed) { return block(input, reason, &turn) }
        // Batches are no part of the modern era, and `initialize` is never part of one (2025-03-26, "Lifecycle").
        guard slot == nil || meta.era == .legacy && method != .initialize else { return block(input, .batch, &turn) }
        guard !isInUse(token: meta.progressToken, .client) else { return block(input, .tokenInUse, &turn) }
        guard !serverHasEnded, !clientHasEnded else { return block(input, .serverEnded, &turn) }
        guard hasRoomForClient(now, &turn) else { return block(input, .tooManyPending, &turn) }
        permitted(input, method, id, params, meta, now, &turn)
    }

    /// What is a request of the protocol; the policy says which of them pass.
    private mutating func permitted(
        _ input: Input, _ method: Method, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        switch method {
        case .callTool: call(input, id, params, meta, now, &turn)
        case .listResources, .listResourceTemplates: list(input, id, of: .resources, params, meta, now, &turn)
        case .listPrompts: list(input, id, of: .prompts, params, meta, now, &turn)
        case .readResource, .subscribeResource, .unsubscribeResource: resource(input, id, params, meta, now, &turn)
        case .getPrompt: prompt(input, id, params, meta, now, &turn)
        case .complete: complete(input, id, params, meta, now, &turn)
        case .listen: listen(input, id, params, meta, now, &turn)
        case .listTools, .initialize, .discover, .ping, .setLogLevel:
            if method == .initialize { noteCapabilities(params) }
            fromClient[id] = Pending(method, meta, since: now, slot: expectAnswer())
            if method == .initialize {
                fromClient[id]?.abilities = ClientAbilities(params.flatMap { tape.member("capabilities", of: $0) }, in: tape)
            }
            forward(to: .server, edits: clientMetaEdits(params) + offerEdits(method, params), &turn)
        case .getTask, .taskResult, .cancelTask, .updateTask: ask(aboutTask: input, id, params, meta, now, &turn)
        case .listTasks: listTasks(input, id, params, meta, now, &turn)
        case .createMessage, .elicit, .listRoots, .initialized, .cancelled, .progress, .logMessage, .toolsChanged, .promptsChanged,
            .resourcesChanged, .resourceUpdated,
            .rootsChanged, .elicitationComplete, .taskStatus, .tasks, .listening:
            block(input, .methodDenied, &turn)
        }
    }

    private mutating func refuseVersion(_ input: Input, _ version: [UInt8], _ turn: inout GateTurn) {
        var input = input
        input.era = .modern
        block(input, .unknownVersion(String(decoding: version, as: UTF8.self)), &turn)
    }

    private mutating func clientNotification(_ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(side: .client, wantsAnswer: false, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard let method = input.method else { return block(input, .methodUnknown, &turn) }
        if let reason = method.refusal(asNotificationFrom: .client, agreed: agreed) {
            input.wantsAnswer = !method.isNotification
            return block(input, reason, &turn)
        }
        switch method {
        case .initialized where agreed != nil: forward(to: .server, edits: clientMetaEdits(params), &turn)
        case .cancelled: cancel(input, params, &turn)
        case .progress where isProgress(params, of: fromServer): forward(to: .server, edits: clientMetaEdits(params), &turn)
        case .initialized, .progress: block(input, .unexpectedNotification, &turn)
        case .rootsChanged: rootsChanged(input, params, &turn)
        case .taskStatus, .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated,
            .elicitationComplete, .tasks, .listening, .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .listResources,
            .listResourceTemplates, .readResource, .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen,
            .getTask, .taskResult, .listTasks, .cancelTask, .updateTask, .createMessage, .elicit, .listRoots:
            block(input, .methodDenied, &turn)
        }
    }

    private mutating func cancel(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let node = tape.member("requestId", of: params), let id = RequestID(node, in: tape) else {
            return block(input, .badParameters, &turn)
        }
        if holds.waiting[id] != nil { return cancelHold(id, &turn) }
        if heldMessages.waiting[.response(id)] != nil { return cancelMessage(.response(id), &turn) }
        if leases.waiting[id] != nil { return cancelLease(id, &turn) }
        if let page = pins.pages[id], page.pending.method != .initialize { return dropPage(id, input, &turn) }
        guard let pending = fromClient[id], !pending.isCancelled, pending.method != .initialize else {
            return block(input, .unexpectedNotification, &turn)
        }
        if let slot = fromClient[id]?.cancel() { batches.drop(slot) }
        forward(to: .server, edits: clientMetaEdits(params), &turn)
    }
}
