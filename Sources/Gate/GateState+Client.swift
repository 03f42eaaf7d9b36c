import Decision
import MCP
import StrictJSON

/// What the client writes.
extension GateState {
    mutating func stepClient(_ line: Span<UInt8>, _ now: UInt64, _ turn: inout GateTurn) {
        do {
            try tape.parse(line)
        } catch {
            return refuseUnreadable(.client, line, now, &turn)
        }
        let message: Message
        do {
            message = try Message(tape)
        } catch {
            return refuse(error, .client, line.count, &turn)
        }
        switch message {
        case .request(let id, let method, let params): request(id, method, params, line.count, now, &turn)
        case .notification(let method, let params): clientNotification(method, params, line.count, &turn)
        case .result(let id, _): clientResponse(id, line.count, &turn)
        case .error(let id, _): clientResponse(id, line.count, &turn)
        }
    }

    private mutating func request(
        _ id: RequestID, _ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = Input(side: .client, id: id, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard fromClient[id] == nil else {
            input.id = nil
            return block(input, .idInUse, &turn)
        }
        let meta: RequestMeta
        do { meta = try RequestMeta(params, in: tape) } catch { return block(input, .badParameters, &turn) }
        input.era = meta.era
        if meta.era == .modern { unknownID = .absent }
        guard let method = input.method else { return block(input, .methodUnknown, &turn) }
        if let reason = method.refusal(asRequestOf: meta.era) { return block(input, reason, &turn) }
        guard !serverHasEnded, !clientHasEnded else { return block(input, .serverEnded, &turn) }
        guard fromClient.count < Pending.limit else { return block(input, .tooManyPending, &turn) }
        if method == .callTool { return call(input, id, params, meta, now, &turn) }
        fromClient[id] = Pending(method: method, era: meta.era, since: now, decision: nil, progressToken: meta.progressToken)
        forward(to: .server, &turn)
    }

    private mutating func clientNotification(_ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(side: .client, wantsAnswer: false, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        switch input.method {
        case .initialized:
            isInitialized ? forward(to: .server, &turn) : block(input, .unexpectedNotification, &turn)
        case .cancelled:
            cancel(input, params, &turn)
        case .progress:
            block(input, .unexpectedNotification, &turn)
        case .rootsChanged:
            block(input, .methodDenied, &turn)
        case .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated, .elicitationComplete, .taskStatus, .tasks,
            .listening:
            block(input, .wrongSide, &turn)
        case nil:
            block(input, .methodUnknown, &turn)
        case .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .listResources, .listResourceTemplates, .readResource,
            .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .getTask, .taskResult, .listTasks,
            .cancelTask, .updateTask, .createMessage, .elicit, .listRoots:
            // A request without an id would be done by some servers, and never answered.
            input.wantsAnswer = true
            block(input, .badID, &turn)
        }
    }

    private mutating func cancel(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let node = tape.member("requestId", of: params), let id = RequestID(node, in: tape) else {
            return block(input, .badParameters, &turn)
        }
        guard let pending = fromClient[id], !pending.isCancelled, pending.method != .initialize else {
            return block(input, .unexpectedNotification, &turn)
        }
        fromClient[id]?.isCancelled = true
        forward(to: .server, &turn)
    }

    private mutating func clientResponse(_ id: RequestID?, _ size: Int, _ turn: inout GateTurn) {
        guard let id, fromServer.remove(id) != nil else {
            return block(Input(side: .client, id: id, wantsAnswer: false, size: size), .unexpectedResponse, &turn)
        }
        forward(to: .server, &turn)
    }
}
