import Decision
import Evidence
import MCP
import StrictJSON

/// What servers say of tasks unasked, and what they ask for while they work.
extension GateState {
    /// notifications/tasks/status, and notifications/tasks of the extension, which belong to a stream.
    mutating func taskNotice(_ input: Input, _ params: JSONNode?, _ now: UInt64, _ turn: inout GateTurn) {
        let era: Era = input.method == .tasks ? .modern : .legacy
        guard let params, let state = TaskState(params, era, isDetailed: era == .modern, in: tape) else {
            return block(input, .badParameters, &turn)
        }
        guard tasks[state.id]?.call.era == era else { return block(input, .unknownTask, &turn) }
        do throws(BlockReason) {
            let abilities = try listener(state, params, era)
            let isAgain = try isToldAlready(state)
            tellDenials(now, &turn)
            try pass(state, params, abilities, isAgain: isAgain, input, now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// What the client can do that listens for this. Errors: none does.
    private func listener(_ state: TaskState, _ params: JSONNode, _ era: Era) throws(BlockReason) -> ClientAbilities {
        guard era == .modern else { return [] }
        guard case .open(let stream) = stream(of: params), stream.isAcknowledged, stream.tasks.contains(state.id) else {
            throw .unexpectedNotification
        }
        return stream.abilities
    }

    /// Whether it tells the same end that was told before. Errors: another one. A server must not be able to fill the spool.
    private mutating func isToldAlready(_ state: TaskState) throws(BlockReason) -> Bool {
        guard let told = tasks[state.id]?.told, let end = state.result ?? state.error else { return false }
        guard nodeDigest(end) == told else { throw .unexpectedNotification }
        return true
    }

    private mutating func pass(
        _ state: TaskState, _ params: JSONNode, _ abilities: ClientAbilities, isAgain: Bool, _ input: Input, _ now: UInt64,
        _ turn: inout GateTurn
    ) throws(BlockReason) {
        if let requests = state.inputRequests, let task = tasks[state.id] { try check(requests, task, abilities) }
        let before = lastNumber
        var news = try news(state, params, abilities, input.size, now, &turn)
        if isAgain { news.outcome = nil }
        guard canRecordOutcome || news.outcome == nil else { throw unrecordable }
        let start = turn.toClient.count
        forward(to: .client, edits: news.edits, &turn)
        settle(news, commit(toLineOf: turn.toClient, from: start), isPassed: true, &turn)
        guard lastNumber > before, let method = input.method else { return }
        turn.guarded.append(
            .init(id: nil, era: input.era, method: method, asker: .server, to: .client, range: start..<turn.toClient.count))
    }

    // MARK: Questions

    /// Each is judged as the request that it is, and recorded, when it is asked first. Under one name one thing is asked.
    /// Returns what is left out of them. Errors: why nothing of it is passed on.
    mutating func questions(
        _ requests: JSONNode, of id: [UInt8], _ task: CallTask, _ abilities: ClientAbilities, _ turn: inout GateTurn
    ) throws(BlockReason) -> [JSONEdit] {
        var edits: [JSONEdit] = []
        var new: [[UInt8]: CallTask.Question] = [:]
        for question in try written(requests, task) {
            if question.isKnown {
                edits += try self.edits(of: question, abilities)
            } else {
                guard canRecord else { throw unrecordable }
                edits += try judge(.string(question.key), question.method, question.params, within: task.call, abilities, &turn)
                guard let method = question.method else { throw .methodUnknown }
                new[question.key] = CallTask.Question(method: method, digest: question.digest, record: lastNumber)
            }
        }
        // All of them are asked, or none.
        for (key, question) in new { tasks.add(question, key, id) }
        return edits
    }

    /// Whether all of them would be asked, without a record of each: a server that is not asked must not be able to fill the spool.
    private mutating func check(_ requests: JSONNode, _ task: CallTask, _ abilities: ClientAbilities) throws(BlockReason) {
        for question in try written(requests, task) { _ = try edits(of: question, abilities) }
    }

    private func edits(of question: WrittenQuestion, _ abilities: ClientAbilities) throws(BlockReason) -> [JSONEdit] {
        guard let method = question.method else { throw .methodUnknown }
        let judged = try self.question(method, question.params, abilities)
        // Of what goes on as a task nobody is asked: it would have to wait in each state that tells it.
        guard !judged.waits else { throw .cannotAsk(judged.rule) }
        return judged.edits + (question.params.map { metaEdits($0) } ?? [])
    }

    /// What a server asks for, as it is written.
    private struct WrittenQuestion {
        let key: [UInt8]
        /// Nil where it is unknown.
        let method: Method?
        let params: JSONNode?
        let digest: [UInt8]
        /// It was asked before.
        let isKnown: Bool
    }

    /// Errors: they have not the form, are too many, or one is another one than before.
    private mutating func written(_ requests: JSONNode, _ task: CallTask) throws(BlockReason) -> [WrittenQuestion] {
        var found: [WrittenQuestion] = []
        var cursor = tape.firstChild(of: requests)
        while let name = cursor {
            let request = tape.value(of: name)
            guard found.count < CallTask.mostQuestions, let key = tape.stringBytes(name), key.count <= RequestID.longest,
                let node = tape.member("method", of: request), tape.kind(of: node) == .string
            else { throw .badParameters }
            let (digest, known) = (nodeDigest(request), task.questions[key])
            guard known == nil || known?.digest == digest else { throw .badParameters }
            found.append(
                WrittenQuestion(
                    key: key, method: Method(node, in: tape), params: tape.member("params", of: request), digest: digest,
                    isKnown: known != nil))
            cursor = tape.nextName(after: name)
        }
        guard tasks.hasRoom(forQuestions: found.lazy.filter { !$0.isKnown }.map(\.key)) else { throw .tooManyPending }
        return found
    }
}
