import Decision
import MCP
import StrictJSON

/// What the server writes.
extension GateState {
    mutating func stepServer(_ line: Span<UInt8>, _ now: UInt64, _ turn: inout GateTurn) {
        do {
            try tape.parse(line)
        } catch {
            return refuseUnreadable(.server, line, now, &turn)
        }
        tape.kind(of: .root) == .array ? stepBatch(.server, line.count, now, &turn) : judgeServer(line.count, now, &turn)
    }

    /// The document in the tape: a whole line, or a member of a batch.
    mutating func judgeServer(_ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        let message: Message
        do {
            message = try Message(tape)
        } catch {
            return refuse(error, .server, size, now, &turn)
        }
        switch message {
        case .request(let id, let method, let params): serverRequest(id, method, params, size, now, &turn)
        case .notification(let method, let params): serverNotification(method, params, size, now, &turn)
        case .result(let id, let result): serverResponse(id, result, nil, size, now, &turn)
        case .error(let id, let error): serverResponse(id, nil, error, size, now, &turn)
        }
    }

    private mutating func serverRequest(
        _ id: RequestID, _ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = Input(side: .server, id: id, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard !isAsked(id) else {
            input.id = nil
            return block(input, .idInUse, &turn)
        }
        // In the modern era servers ask nothing.
        guard agreed != nil else { return block(input, .wrongSide, &turn) }
        guard let method = input.method else { return block(input, .methodUnknown, &turn) }
        if let reason = method.refusal(asRequestFrom: .server, in: .legacy, agreed: agreed) { return block(input, reason, &turn) }
        guard let meta = try? RequestMeta(params, in: tape) else { return block(input, .badParameters, &turn) }
        guard !isInUse(token: meta.progressToken, .server) else { return block(input, .tokenInUse, &turn) }
        switch method {
        case .ping where hasRoomForServer() && !clientHasEnded:
            fromServer[id] = Pending(method, meta, since: now, slot: expectAnswer())
            forward(to: .client, edits: params.map { metaEdits($0) } ?? [], &turn)
        case .ping: block(input, .tooManyPending, &turn)
        case .createMessage, .elicit, .listRoots: ask(input, id, params, now, &turn)
        case .getTask, .taskResult, .listTasks, .cancelTask, .callTool, .listTools, .initialize,
            .discover, .setLogLevel, .listResources, .listResourceTemplates, .readResource, .subscribeResource, .unsubscribeResource,
            .listPrompts, .getPrompt, .complete, .listen, .updateTask, .initialized, .cancelled, .progress, .logMessage, .toolsChanged,
            .promptsChanged, .resourcesChanged, .resourceUpdated, .rootsChanged, .elicitationComplete, .taskStatus, .tasks, .listening:
            block(input, .methodDenied, &turn)
        }
    }

    private mutating func serverNotification(
        _ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = Input(side: .server, wantsAnswer: false, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard let method = input.method else { return block(input, .methodUnknown, &turn) }
        if let reason = method.refusal(asNotificationFrom: .server, agreed: agreed) {
            input.wantsAnswer = !method.isNotification
            return block(input, reason, &turn)
        }
        switch method {
        case .logMessage:
            agreed != nil || isAskedForLogs ? passNotification(&turn) : block(input, .unexpectedNotification, &turn)
        case .toolsChanged, .promptsChanged, .resourcesChanged: listChanged(input, method, params, &turn)
        case .resourceUpdated: resourceUpdated(input, params, &turn)
        case .listening: acknowledged(input, params, &turn)
        case .progress:
            guard isProgress(params, of: fromClient) || isTaskProgress(params) else {
                return block(input, .unexpectedNotification, &turn)
            }
            noteProgress(params)
            passNotification(&turn)
        case .cancelled:
            cancelFromServer(input, params, &turn)
        case .elicitationComplete: elicitationComplete(input, params, &turn)
        case .taskStatus, .tasks: taskNotice(input, params, now, &turn)
        case .initialized, .rootsChanged, .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .listResources,
            .listResourceTemplates,
            .readResource, .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .getTask, .taskResult,
            .listTasks, .cancelTask, .updateTask, .createMessage, .elicit, .listRoots:
            block(input, .methodDenied, &turn)
        }
    }

    private var isAskedForLogs: Bool { fromClient.values.contains { $0.wantsLogs && !$0.isCancelled } }

    func isProgress(_ params: JSONNode?, of pending: [RequestID: Pending]) -> Bool {
        guard let params, let node = tape.member("progressToken", of: params), let token = RequestID(node, in: tape) else { return false }
        return pending.values.contains { $0.progressToken == token && !$0.isCancelled }
    }

    private mutating func noteProgress(_ params: JSONNode?) {
        guard let token = params.flatMap({ tape.member("progressToken", of: $0) }).flatMap({ RequestID($0, in: tape) }) else { return }
        for id in fromClient.filter({ $0.value.progressToken == token }).keys { fromClient[id]?.serverToldProgress() }
    }

    private mutating func cancelFromServer(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let node = tape.member("requestId", of: params), let id = RequestID(node, in: tape) else {
            return block(input, .badParameters, &turn)
        }
        if endListening(id) { return passNotification(&turn) }
        if heldMessages.waiting[.request(id)] != nil { return cancelMessage(.request(id), &turn) }
        guard let pending = fromServer[id], !pending.isCancelled else { return block(input, .unexpectedNotification, &turn) }
        if let slot = fromServer[id]?.cancel() { batches.drop(slot) }
        passNotification(&turn)
    }

    private mutating func serverResponse(
        _ id: RequestID?, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let id, let pending = takePending(id, now, &turn) else {
            return block(Input(side: .server, id: id, wantsAnswer: false, size: size), .unexpectedResponse, &turn)
        }
        serverHasAnswered = true
        if let result, !pending.isCancelled, waitsForPins(id, pending, result, size, now, &turn) { return }
        if waitsForPerson(id, pending, result, error, size, now, &turn) { return }
        respond(id, pending, result, error, size, now, &turn)
    }

    /// Passes on what may be passed on of a response in the tape.
    mutating func respond(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        let start = turn.toClient.count
        answering(pending.slot) { state in
            state.pass(id, pending, result, error, size, now, &turn)
            state.collect(.client, id, from: start, &turn)
        }
    }

    /// The answer to a request of the client.
    private mutating func pass(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        switch pending.method {
        case .callTool, .readResource, .subscribeResource, .unsubscribeResource, .getPrompt, .complete:
            judgedResponse(id, pending, result, error, size, now, &turn)
        case _ where pending.isCancelled && pending.decision == nil: dropLate(id, pending, size, &turn)
        case .getTask, .taskResult, .listTasks, .cancelTask, .updateTask: taskResponse(id, pending, result, error, size, now, &turn)
        case .initialize where result != nil: initialized(id, pending, result ?? .root, size, &turn)
        case .discover where result != nil: discovered(id, pending, result ?? .root, size, &turn)
        default:
            if let listing = Listing(pending.method), let result { return page(listing, id, pending, result, size, &turn) }
            if let result, kind(of: result, pending.era) != .complete {
                return blockResponse(Input(answering: id, pending, size), .badParameters, &turn)
            }
            forward(to: .client, edits: result.map { metaEdits($0) } ?? [], &turn)
        }
    }

    /// An answer that nobody wants any more; of a call, the receipt of its outcome says so.
    private mutating func dropLate(_ id: RequestID, _ pending: Pending, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(side: .server, id: id, wantsAnswer: false, size: size)
        input.method = pending.method
        block(input, .unexpectedResponse, &turn)
    }
}
