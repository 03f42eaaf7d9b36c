import Decision
import MCP
import Policy
import StrictJSON

/// What clients are told without asking each time. In the modern era they ask once, and each notification names the request that it belongs to;
/// before, it comes unasked.
extension GateState {
    /// subscriptions/listen: of what is denied the server is not asked.
    mutating func listen(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let members = Parameters(params, ["notifications"], in: tape), let filter = members[0], let wishes = Wishes(filter, in: tape)
        else {
            return block(input, .badParameters, &turn)
        }
        do throws(BlockReason) {
            for uri in wishes.listening.resources { _ = try permission(for: .resource(uri)) }
        } catch {
            return block(input, error, &turn)
        }
        guard wishes.listening.tasks.allSatisfy({ tasks[$0]?.call.era == .modern }) else { return block(input, .unknownTask, &turn) }
        guard fromClient.values.count(where: { $0.listening != nil }) < Listening.limit else { return block(input, .tooManyPending, &turn) }
        var pending = Pending(.listen, meta, since: now, slot: expectAnswer())
        var edits = clientMetaEdits(params)
        pending.listening = wishes.listening
        pending.listening?.abilities = requestAbilities
        if !isPermitted(.prompts), let name = wishes.prompts { edits.append(JSONEdit(name, .remove)) }
        if !isPermitted(.resources), let name = wishes.resourceLists { edits.append(JSONEdit(name, .remove)) }
        fromClient[id] = pending
        forward(to: .server, edits: edits, &turn)
    }

    func stream(of params: JSONNode?) -> Listening.Stream {
        guard let node = streamNode(params) else { return .none }
        return RequestID(node, in: tape).flatMap { fromClient[$0]?.openListening }.map { .open($0) } ?? .unknown
    }

    private func streamNode(_ params: JSONNode?) -> JSONNode? {
        params.flatMap { tape.member("_meta", of: $0) }.flatMap { tape.member(ModernMeta.subscription, of: $0) }
    }

    /// notifications/subscriptions/acknowledged: the first one of a stream, about what was asked for.
    mutating func acknowledged(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let filter = tape.member("notifications", of: params), let said = Wishes(filter, in: tape)?.listening else {
            return block(input, .badParameters, &turn)
        }
        guard let node = streamNode(params), let id = RequestID(node, in: tape), let asked = fromClient[id]?.openListening,
            !asked.isAcknowledged, asked.covers(said)
        else {
            return block(input, .unexpectedNotification, &turn)
        }
        fromClient[id]?.listening?.isAcknowledged = true
        passNotification(&turn)
    }

    /// A list of the server has changed.
    mutating func listChanged(_ input: Input, _ method: Method, _ params: JSONNode?, _ turn: inout GateTurn) {
        do throws(BlockReason) {
            if let kind = method.kind { try permitsSome(kind) }
        } catch {
            return block(input, error, &turn)
        }
        let isWanted =
            switch stream(of: params) {
            case .none: agreed != nil
            case .open(let stream): stream.isAcknowledged && stream.wants(method)
            case .unknown: false
            }
        isWanted ? passNotification(&turn) : block(input, .unexpectedNotification, &turn)
    }

    /// Passes on the notification of the server that is in the tape.
    mutating func passNotification(_ turn: inout GateTurn) {
        let edits = tape.member("params", of: .root).map { metaEdits($0) } ?? []
        forward(to: .client, edits: edits, &turn)
    }

    /// A server ends a stream: there will be no answer.
    mutating func endListening(_ id: RequestID) -> Bool {
        guard fromClient[id]?.openListening != nil else { return false }
        fromClient[id] = nil
        return true
    }
}

/// A filter of notifications as it is written.
private struct Wishes {
    var listening = Listening()
    /// The names of these members.
    var prompts: JSONNode?
    var resourceLists: JSONNode?

    /// Nil where a member is not known, or has another type.
    init?(_ filter: JSONNode, in tape: borrowing JSONTape) {
        guard tape.kind(of: filter) == .object else { return nil }
        var cursor = tape.firstChild(of: filter)
        while let name = cursor {
            guard take(name, tape.value(of: name), tape) else { return nil }
            cursor = tape.nextName(after: name)
        }
    }

    private mutating func take(_ name: JSONNode, _ value: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        if tape.isString(name, "resourceSubscriptions") { return takeURIs(value, tape) }
        if tape.isString(name, "taskIds") { return takeTasks(value, tape) }
        let kind = tape.kind(of: value)
        guard kind == .true || kind == .false else { return false }
        if tape.isString(name, "toolsListChanged") {
            listening.tools = kind == .true
        } else if tape.isString(name, "promptsListChanged") {
            (listening.prompts, prompts) = (kind == .true, name)
        } else if tape.isString(name, "resourcesListChanged") {
            (listening.resourceLists, resourceLists) = (kind == .true, name)
        } else {
            return false
        }
        return true
    }

    private mutating func takeTasks(_ list: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard tape.kind(of: list) == .array else { return false }
        var cursor = tape.firstChild(of: list)
        while let element = cursor {
            guard let id = TaskState.id(element, in: tape), listening.tasks.count < Tasks.limit else { return false }
            listening.tasks.insert(id)
            cursor = tape.nextElement(after: element)
        }
        return true
    }

    private mutating func takeURIs(_ list: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard tape.kind(of: list) == .array else { return false }
        var cursor = tape.firstChild(of: list)
        while let element = cursor {
            guard let uri = tape.stringBytes(element), uri.count <= Listening.longestURI, listening.resources.count < Pending.limit
            else { return false }
            listening.resources.insert(uri)
            cursor = tape.nextElement(after: element)
        }
        return true
    }
}

extension Listening {
    /// Whether all that `other` tells is part of it.
    func covers(_ other: Listening) -> Bool {
        (tools || !other.tools) && (prompts || !other.prompts) && (resourceLists || !other.resourceLists)
            && other.resources.isSubset(of: resources) && other.tasks.isSubset(of: tasks)
    }

    func wants(_ method: Method) -> Bool {
        switch method.kind {
        case .resources?: resourceLists
        case .prompts?: prompts
        case .sampling?, .elicitation?, .roots?: false
        case nil: tools
        }
    }
}

extension Method {
    /// What of the messages section a message of this method is about; nil where it is about tools, or about nothing of that section.
    var kind: MessageKind? {
        switch self {
        case .listResources, .listResourceTemplates, .readResource, .subscribeResource, .unsubscribeResource, .resourcesChanged,
            .resourceUpdated:
            .resources
        case .listPrompts, .getPrompt, .promptsChanged: .prompts
        case .createMessage: .sampling
        case .elicit, .elicitationComplete: .elicitation
        case .listRoots, .rootsChanged: .roots
        case .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .complete, .listen, .getTask, .taskResult, .listTasks,
            .cancelTask, .updateTask, .initialized, .cancelled, .progress, .logMessage, .toolsChanged, .taskStatus, .tasks, .listening:
            nil
        }
    }
}
