import Decision
import Evidence
import MCP
import StrictJSON

/// Tasks of MCP: calls that are answered with an id, and whose result is fetched under it.
///
/// INVARIANT: about an id that no call of this session was answered with nothing is asked and nothing passed on; and what comes of a task is
/// inspected as the result of its call is. What permitted the call permits to ask after it.
extension GateState {
    // MARK: Calls

    /// Whether this call may be answered with a task: the client asks for one, or says that it takes one.
    func takesTask(_ call: CallParameters, _ meta: RequestMeta) -> Bool {
        switch meta.era {
        case .legacy: call.task != nil
        case .modern: TaskState.isDeclared(call.capabilities(in: tape), in: tape)
        }
    }

    /// Whether one more call may become a task.
    var hasRoomForTask: Bool { tasks.hasRoom(promised: fromClient.values.count { $0.origin != nil && !$0.isCancelled }) }

    // MARK: What clients ask about tasks

    /// tasks/get, tasks/result, tasks/cancel, tasks/update
    mutating func ask(
        aboutTask input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        let names: [StaticString] = input.method == .updateTask ? ["taskId", Retry.names[0]] : ["taskId"]
        guard let members = Parameters(params, names, in: tape), let taskID = members[0].flatMap({ TaskState.id($0, in: tape) }) else {
            return block(input, .badParameters, &turn)
        }
        guard let task = tasks[taskID], task.call.era == meta.era else { return block(input, .unknownTask, &turn) }
        var input = input
        input.task = taskID
        input.within = task.call.decision
        switch input.method {
        case .updateTask: update(task, input, id, members[1], params, meta, now, &turn)
        case .cancelTask where canRecord: change(task, input, id, [], params, meta, now, &turn)
        case .cancelTask: block(input, unrecordable, &turn)
        default:
            guard let method = input.method else { return }
            var pending = Pending(method, meta, since: now, slot: expectAnswer())
            pending.task = taskID
            pending.abilities = requestAbilities
            fromClient[id] = pending
            forward(to: .server, edits: clientMetaEdits(params), &turn)
        }
    }

    /// Recorded before it is forwarded: it changes what the server does.
    private mutating func change(
        _ task: CallTask, _ input: Input, _ id: RequestID, _ answered: [[UInt8]], _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64,
        _ turn: inout GateTurn
    ) {
        forwardJudged(input, id, meta, by: task.origin.rule, edits: clientMetaEdits(params), now, &turn)
        fromClient[id]?.task = input.task
        fromClient[id]?.answered = answered
        if let taskID = input.task { tasks.setOpen(false, answered, taskID) }
    }

    /// What a client answers goes to the server like arguments: only to what was asked, and once.
    private mutating func update(
        _ task: CallTask, _ input: Input, _ id: RequestID, _ responses: JSONNode?, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64,
        _ turn: inout GateTurn
    ) {
        var input = input
        do throws(BlockReason) {
            guard let responses, tape.kind(of: responses) == .object else { throw .badParameters }
            do { input.responses = try commit(to: responses) } catch { throw .inexactNumber(token: error.token) }
            guard canRecord else { throw unrecordable }
            if let reason = pins.reason(against: task.origin.tool) { throw reason }
            let answered = try answered(responses, task)
            change(task, input, id, answered, params, meta, now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// The names of the questions that are answered. Errors: one of them is not open, or not so.
    private func answered(_ responses: JSONNode, _ task: CallTask) throws(BlockReason) -> [[UInt8]] {
        var names: [[UInt8]] = []
        var cursor = tape.firstChild(of: responses)
        while let name = cursor {
            let value = tape.value(of: name)
            guard let key = tape.stringBytes(name), let question = task.questions[key], question.isOpen, tape.kind(of: value) == .object,
                isAnswer(value, to: question.method)
            else { throw .unknownRound }
            names.append(key)
            cursor = tape.nextName(after: name)
        }
        return names
    }

    /// tasks/list: others' are taken out of the answer.
    mutating func listTasks(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let members = Parameters(params, ["cursor"], in: tape), members[0].map({ tape.kind(of: $0) == .string }) ?? true else {
            return block(input, .badParameters, &turn)
        }
        fromClient[id] = Pending(.listTasks, meta, since: now, slot: expectAnswer())
        forward(to: .server, edits: clientMetaEdits(params), &turn)
    }

    // MARK: Messages that say to which task they belong

    /// Whether a member of `_meta` names a task of this session; `only`: this one.
    func isRelation(_ name: JSONNode, only: [UInt8]? = nil) -> Bool {
        let value = tape.value(of: name)
        guard tape.count(of: value) == 1, let id = tape.member("taskId", of: value).flatMap({ TaskState.id($0, in: tape) }) else {
            return false
        }
        return tasks[id]?.call.era == .legacy && (only == nil || only == id)
    }

    /// notifications/progress of a task that may still run.
    func isTaskProgress(_ params: JSONNode?) -> Bool {
        guard let params, let token = tape.member("progressToken", of: params).flatMap({ RequestID($0, in: tape) }) else { return false }
        return tasks.isProgress(token)
    }

    // MARK: Ends

    /// The server writes no more: what became of the tasks whose outcome is not recorded.
    mutating func endTasks(_ now: UInt64, _ turn: inout GateTurn) {
        for (id, task) in tasks.unsettled {
            var outcome = CallOutcome(task.call, now: now, size: 0)
            outcome.task = id
            outcome.taskStatus = task.status
            recordOutcome(outcome, &turn)
            tasks.settle(id, told: nil, record: lastNumber)
        }
    }
}
