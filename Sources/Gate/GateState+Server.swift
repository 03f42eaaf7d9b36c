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
        let message: Message
        do {
            message = try Message(tape)
        } catch {
            return refuseFromServer(error, line.count, now, &turn)
        }
        switch message {
        case .request(let id, let method, _): serverRequest(id, method, line.count, &turn)
        case .notification(let method, let params): serverNotification(method, params, line.count, &turn)
        case .result(let id, let result): serverResponse(id, result, line.count, now, &turn)
        case .error(let id, _): serverResponse(id, nil, line.count, now, &turn)
        }
    }

    private mutating func serverRequest(_ id: RequestID, _ methodNode: JSONNode, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(side: .server, id: id, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        guard !fromServer.contains(id) else {
            input.id = nil
            return block(input, .idInUse, &turn)
        }
        guard isInitialized else { return block(input, .wrongSide, &turn) }
        switch input.method {
        case .ping where fromServer.count < Pending.limit && !clientHasEnded:
            fromServer.insert(id)
            forward(to: .client, &turn)
        case .ping: block(input, .tooManyPending, &turn)
        case .createMessage, .elicit, .listRoots, .getTask, .taskResult, .listTasks, .cancelTask: block(input, .methodDenied, &turn)
        case nil: block(input, .methodUnknown, &turn)
        case .callTool, .listTools, .initialize, .discover, .setLogLevel, .listResources, .listResourceTemplates, .readResource,
            .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .updateTask:
            block(input, .wrongSide, &turn)
        case .initialized, .cancelled, .progress, .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated,
            .rootsChanged, .elicitationComplete, .taskStatus, .tasks, .listening:
            block(input, .badID, &turn)
        }
    }

    private mutating func serverNotification(_ methodNode: JSONNode, _ params: JSONNode?, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(side: .server, wantsAnswer: false, size: size)
        input.method = Method(methodNode, in: tape)
        if input.method == nil { input.name = tape.stringBytes(methodNode) ?? [] }
        switch input.method {
        case .logMessage, .toolsChanged:
            forward(to: .client, &turn)
        case .progress:
            isProgressOfPending(params) ? forward(to: .client, &turn) : block(input, .unexpectedNotification, &turn)
        case .cancelled:
            cancelFromServer(input, params, &turn)
        case .promptsChanged, .resourcesChanged, .resourceUpdated, .elicitationComplete, .taskStatus, .tasks, .listening:
            block(input, .methodDenied, &turn)
        case nil:
            block(input, .methodUnknown, &turn)
        case .initialized, .rootsChanged:
            block(input, .wrongSide, &turn)
        case .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .listResources, .listResourceTemplates, .readResource,
            .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .getTask, .taskResult, .listTasks,
            .cancelTask, .updateTask, .createMessage, .elicit, .listRoots:
            input.wantsAnswer = true
            block(input, .badID, &turn)
        }
    }

    private func isProgressOfPending(_ params: JSONNode?) -> Bool {
        guard let params, let node = tape.member("progressToken", of: params), let token = RequestID(node, in: tape) else { return false }
        return fromClient.values.contains { $0.progressToken == token && !$0.isCancelled }
    }

    private mutating func cancelFromServer(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let node = tape.member("requestId", of: params), let id = RequestID(node, in: tape) else {
            return block(input, .badParameters, &turn)
        }
        guard fromServer.remove(id) != nil else { return block(input, .unexpectedNotification, &turn) }
        forward(to: .client, &turn)
    }

    private mutating func serverResponse(
        _ id: RequestID?, _ result: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let id, let pending = takePending(id, now, &turn) else {
            return block(Input(side: .server, id: id, wantsAnswer: false, size: size), .unexpectedResponse, &turn)
        }
        switch pending.method {
        case .callTool: callResponse(id, pending, result, size, now, &turn)
        case .listTools where result != nil && !pending.isCancelled: listing(id, pending, result ?? .root, size, &turn)
        case .initialize: initializeResponse(result, &turn)
        default: if !pending.isCancelled { forward(to: .client, &turn) }
        }
    }

    /// Who waits for an answer with this id, and does no longer. What the kernel denied is told before, since the outcome names those receipts.
    mutating func takePending(_ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) -> Pending? {
        guard fromClient[id] != nil else { return nil }
        tellDenials(now, &turn)
        return fromClient.removeValue(forKey: id)
    }

    private mutating func initializeResponse(_ result: JSONNode?, _ turn: inout GateTurn) {
        if let result, let node = tape.member("protocolVersion", of: result), let version = tape.stringBytes(node) {
            unknownID = UnknownID(negotiated: version)
            isInitialized = true
        }
        forward(to: .client, &turn)
    }
}
