import Decision
import Evidence
import MCP
import StrictJSON

/// What servers say of tasks, in answers.
extension GateState {
    /// What is passed on of something that a server says of a task.
    struct TaskNews {
        var edits: [JSONEdit]
        /// Of the call, once it is known.
        var outcome: CallOutcome?
        /// SHA-256 of its result or error.
        var digest: [UInt8]?
    }

    /// The answer to a call that may be one: the server gives it an id. Returns what is left out of it.
    /// Errors: why there is no such task.
    mutating func create(
        taskOf pending: Pending, _ result: JSONNode, _ outcome: inout CallOutcome
    ) throws(BlockReason) -> [JSONEdit] {
        guard let origin = pending.origin else { throw .unaskedTask }
        guard let (node, state) = createdTask(pending, result) else { throw .badParameters }
        guard tasks.isFree(state.id) else { throw .taskIDInUse }
        // The outcome is recorded next.
        let task = CallTask(pending, origin, record: lastNumber + 1, status: state.status)
        guard canRecordOutcome else { throw unrecordable }
        guard tasks.add(state.id, task) else { throw .tooManyPending }
        outcome.status = .task
        outcome.task = state.id
        return metaEdits(result) + (node == result ? [] : metaEdits(node))
    }

    private func createdTask(_ pending: Pending, _ result: JSONNode) -> (JSONNode, TaskState)? {
        switch pending.era {
        case .legacy:
            guard let members = Parameters(result, ["task"], in: tape), let node = members[0],
                let state = TaskState(node, .legacy, in: tape)
            else { return nil }
            return (node, state)
        case .modern: return TaskState(result, .modern, besides: ["resultType"], in: tape).map { (result, $0) }
        }
    }

    /// A call that was cancelled never becomes a task, and no other one gets its id.
    mutating func refuseTask(ofCancelled pending: Pending, _ result: JSONNode) {
        guard kind(of: result, pending.era) == .task, let (_, state) = createdTask(pending, result) else { return }
        tasks.use(state.id)
    }

    // MARK: Answers to what clients ask about tasks

    mutating func taskResponse(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var own = CallOutcome(pending, now: now, size: size)
        own.status = result == nil ? .error : .result
        guard !pending.isCancelled else { return recordOutcome(own, &turn) }
        let before = lastNumber
        var news = TaskNews(edits: []), reason: BlockReason?
        do throws(BlockReason) {
            news = try self.news(pending, result, error, size, now, &turn)
        } catch {
            (reason, own.status) = (error, .withheld)
            if pending.method == .taskResult { news.outcome = outcome(of: pending.task, .withheld, size, now) }
        }
        let start = turn.toClient.count
        forward(to: .client, edits: news.edits, &turn)
        let code = commit(toLineOf: turn.toClient, from: start)
        if reason == nil, !canRecordOutcome, news.outcome != nil || pending.decision != nil { reason = unrecordable }
        if pending.decision != nil {
            own.commitment = code
            recordOutcome(own, &turn)
        }
        settle(news, code, isPassed: reason == nil, &turn)
        guard let reason else { return guardLine(id, pending, from: start, since: before, &turn) }
        turn.toClient.removeLast(turn.toClient.count - start)
        block(Input(unanswered: id, pending, size), reason, &turn)
    }

    /// Records what came of the call.
    mutating func settle(_ news: TaskNews, _ line: [UInt8], isPassed: Bool, _ turn: inout GateTurn) {
        guard var outcome = news.outcome, let task = outcome.task else { return }
        outcome.commitment = line
        recordOutcome(outcome, &turn)
        // An answer that was withheld, and an error of the answer's own, may be asked for again.
        guard isPassed, canRecordOutcome, outcome.status != .error || news.digest != nil else { return }
        tasks.settle(task, told: news.digest, record: lastNumber)
    }

    private func guardLine(_ id: RequestID, _ pending: Pending, from start: Int, since before: UInt64, _ turn: inout GateTurn) {
        guard lastNumber > before else { return }
        turn.guarded.append(.init(id: id, era: pending.era, method: pending.method, to: .client, range: start..<turn.toClient.count))
    }

    private mutating func news(
        _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) throws(BlockReason) -> TaskNews {
        guard let result else { return try errorNews(pending, error, size, now, &turn) }
        guard kind(of: result, pending.era) == .complete else { throw .methodDenied }
        switch (pending.method, pending.era) {
        case (.listTasks, _): return TaskNews(edits: try listEdits(result))
        case (.taskResult, _): return try resultNews(pending, result, size, now)
        case (.getTask, let era),
            (.cancelTask, let era) where era == .legacy:
            let isDetailed = era == .modern
            guard let state = TaskState(result, era, isDetailed: isDetailed, besides: isDetailed ? ["resultType"] : [], in: tape),
                state.id == pending.task
            else { throw .badParameters }
            return try news(state, result, pending.abilities, size, now, &turn)
        default:
            guard Parameters(result, ["resultType"], in: tape) != nil else { throw .badParameters }
            return TaskNews(edits: metaEdits(result))
        }
    }

    /// An error instead of an answer: where it is the call's result that was asked for, the call's own may be it.
    private mutating func errorNews(
        _ pending: Pending, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) throws(BlockReason) -> TaskNews {
        if let task = pending.task { tasks.setOpen(true, pending.answered, task) }
        guard pending.method == .taskResult, let error, let call = pending.task.flatMap({ tasks[$0]?.call }) else {
            return TaskNews(edits: [])
        }
        try elicitations(in: error, call, &turn)
        let isTheEnd = pending.task.flatMap { tasks[$0]?.status.isFinal } ?? false
        return TaskNews(edits: [], outcome: outcome(of: pending.task, .error, size, now), digest: isTheEnd ? nodeDigest(error) : nil)
    }

    /// What a call led to, by tasks/result.
    private mutating func resultNews(
        _ pending: Pending, _ result: JSONNode, _ size: Int, _ now: UInt64
    ) throws(BlockReason) -> TaskNews {
        guard let id = pending.task, let task = tasks[id] else { throw .unknownTask }
        if let name = relation(in: result), !isRelation(name, only: id) { throw .badParameters }
        try checkResult(result, task.call.era)
        var outcome = outcome(of: id, .result, size, now)
        outcome?.isError = isError(result)
        return TaskNews(edits: callEdits(result, task.call.denials), outcome: outcome, digest: nodeDigest(result))
    }

    /// A result that comes by another way than its call's answer has the form of one, and asks for nothing.
    private func checkResult(_ result: JSONNode, _ era: Era) throws(BlockReason) {
        guard kind(of: result, era) == .complete else { throw .methodDenied }
        if let content = tape.member("content", of: result) {
            guard tape.kind(of: content) == .array else { throw .badParameters }
        } else {
            // A task that had none leaves nothing.
            guard Parameters(result, ["resultType"], in: tape) != nil else { throw .badParameters }
        }
        if let flag = tape.member("isError", of: result), ![.true, .false].contains(tape.kind(of: flag)) { throw .badParameters }
    }

    private func relation(in result: JSONNode) -> JSONNode? {
        guard let meta = tape.member("_meta", of: result), tape.kind(of: meta) == .object else { return nil }
        var cursor = tape.firstChild(of: meta)
        while let name = cursor {
            if tape.isString(name, TaskState.relation) { return name }
            cursor = tape.nextName(after: name)
        }
        return nil
    }

    private func isError(_ result: JSONNode) -> Bool { tape.member("isError", of: result).map { tape.kind(of: $0) == .true } ?? false }

    /// Tasks of this session only, each of a task's form.
    private mutating func listEdits(_ result: JSONNode) throws(BlockReason) -> [JSONEdit] {
        guard let list = tape.member("tasks", of: result), tape.kind(of: list) == .array else { throw .badParameters }
        var edits = metaEdits(result)
        var cursor = tape.firstChild(of: list)
        while let item = cursor {
            if let state = TaskState(item, .legacy, in: tape), tasks[state.id]?.call.era == .legacy {
                tasks.note(state.status, state.id)
                edits += metaEdits(item)
            } else {
                edits.append(JSONEdit(item, .remove))
            }
            cursor = tape.nextElement(after: item)
        }
        return edits
    }

    // MARK: States

    /// A state of a task that this session has. Returns what is left out of it. Errors: why it is not passed on.
    mutating func news(
        _ state: TaskState, _ node: JSONNode, _ abilities: ClientAbilities, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) throws(BlockReason) -> TaskNews {
        guard let task = tasks[state.id] else { throw .unknownTask }
        var news = TaskNews(edits: metaEdits(node))
        if let requests = state.inputRequests {
            news.edits += try questions(requests, of: state.id, task, abilities, &turn)
        } else if let result = state.result {
            try checkResult(result, .modern)
            news.edits += callEdits(result, task.call.denials)
            news.outcome = outcome(of: state.id, .result, size, now)
            news.outcome?.isError = isError(result)
            news.digest = nodeDigest(result)
        } else if let error = state.error {
            guard let code = tape.member("code", of: error), tape.int64(code) != nil, let text = tape.member("message", of: error),
                tape.kind(of: text) == .string
            else { throw .badParameters }
            news.outcome = outcome(of: state.id, .error, size, now)
            news.digest = nodeDigest(error)
        } else if state.status == .cancelled, task.settled == nil {
            news.outcome = outcome(of: state.id, .cancelled, size, now)
        }
        tasks.note(state.status, state.id)
        return news
    }

    private func outcome(of id: [UInt8]?, _ status: CallOutcome.Status, _ size: Int, _ now: UInt64) -> CallOutcome? {
        guard let id, let task = tasks[id] else { return nil }
        var outcome = CallOutcome(task.call, now: now, size: size)
        outcome.task = id
        outcome.status = status
        return outcome
    }

    /// Of a value as it is written anew.
    mutating func nodeDigest(_ node: JSONNode) -> [UInt8] {
        tape.encoded(node).withUnsafeBytes { digest.update($0) }
        return digest.finish().bytes
    }
}
