import Decision
import Evidence
import MCP
import SessionProtocol
import StrictJSON

/// What comes back for requests that were decided about one by one.
extension GateState {
    mutating func judgedResponse(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var outcome = CallOutcome(pending, now: now, size: size)
        outcome.status = result == nil ? .error : .result
        if let result, let flag = tape.member("isError", of: result) { outcome.isError = tape.kind(of: flag) == .true }
        var edits: [JSONEdit] = [], reason: BlockReason?
        if !pending.isCancelled {
            do throws(BlockReason) {
                edits = try responseEdits(pending, result, error, &outcome, &turn)
            } catch {
                (reason, outcome.status) = (error, .withheld)
            }
        } else if let result {
            refuseTask(ofCancelled: pending, result)
        }
        let start = turn.toClient.count
        forward(to: .client, edits: edits, &turn)
        outcome.commitment = commit(toLineOf: turn.toClient, from: start)
        if reason == nil, !canRecordOutcome { reason = unrecordable }
        recordOutcome(outcome, &turn)
        guard reason == nil, !pending.isCancelled else {
            turn.toClient.removeLast(turn.toClient.count - start)
            if let reason, !pending.isCancelled { block(Input(unanswered: id, pending, size), reason, &turn) }
            return
        }
        turn.guarded.append(.init(id: id, era: pending.era, method: pending.method, to: .client, range: start..<turn.toClient.count))
    }

    /// The code of a line that was just written, without its end.
    mutating func commit(toLineOf output: [UInt8], from start: Int) -> [UInt8] {
        output.withUnsafeBytes { bytes in
            commitment.code(Commitment.responseDomain, UnsafeRawBufferPointer(rebasing: bytes[start..<bytes.count - 1])).bytes
        }
    }

    /// What is left out of a response, and added to it. Errors: why it is not passed on.
    private mutating func responseEdits(
        _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?, _ outcome: inout CallOutcome, _ turn: inout GateTurn
    ) throws(BlockReason) -> [JSONEdit] {
        guard let result else {
            if let error { try elicitations(in: error, pending, &turn) }
            return []
        }
        switch kind(of: result, pending.era) {
        case .complete: return resultEdits(result, pending)
        case .inputRequired:
            let edits = try inputRequired(pending, result, &turn)
            outcome.status = .inputRequired
            return edits
        case .task: return try create(taskOf: pending, result, &outcome)
        case .other: throw .methodDenied
        }
    }

    /// What is left out of a tool's result, and added to it.
    func callEdits(_ result: JSONNode, _ denials: CallDenials) -> [JSONEdit] {
        metaEdits(result) + contentEdits(result) + noting(denials, in: result)
    }

    private func resultEdits(_ result: JSONNode, _ pending: Pending) -> [JSONEdit] {
        if pending.method == .callTool { return callEdits(result, pending.denials) }
        var edits = metaEdits(result)
        switch pending.method {
        case .getPrompt: edits += messageEdits(result)
        case .readResource where pending.era == .modern: edits.append(privateCache(result))
        default: break
        }
        return edits
    }

    /// One more text behind what the server said, valid by the schemas of all eras; `structuredContent` and what an error says stay as they
    /// are. A result whose `content` is no array gets none.
    private func noting(_ denials: CallDenials, in result: JSONNode) -> [JSONEdit] {
        guard let note = denials.note else { return [] }
        var item = JSONWriter()
        item.member("type", "text" as StaticString)
        item.member("text", note)
        guard let content = tape.member("content", of: result) else {
            return [JSONEdit(result, .append(name: "content", value: [UInt8(ascii: "[")] + item.finish() + [UInt8(ascii: "]")]))]
        }
        return tape.kind(of: content) == .array ? [JSONEdit(content, .appendElement(item.finish()))] : []
    }

    enum ResultKind {
        case complete
        /// Of the modern era: something is asked for first.
        case inputRequired
        /// The result comes by another way.
        case task
        /// It is of a kind that is not known: data would pass that nobody judges.
        case other
    }

    func kind(of result: JSONNode, _ era: Era) -> ResultKind {
        if let type = tape.member("resultType", of: result) {
            if tape.isString(type, "complete") { return .complete }
            guard era == .modern else { return .other }
            return tape.isString(type, "input_required") ? .inputRequired : tape.isString(type, "task") ? .task : .other
        }
        if tape.member("inputRequests", of: result) != nil { return .other }
        return tape.member("task", of: result) == nil ? .complete : era == .legacy ? .task : .other
    }
}

extension Input {
    /// A message of the server that answers this.
    init(answering id: RequestID, _ pending: Pending, _ size: Int) {
        self.init(side: .server, id: id, method: pending.method, era: pending.era, size: size)
    }

    /// A request that was made, and whose answer is not passed on.
    init(unanswered id: RequestID, _ pending: Pending, _ size: Int) {
        self.init(side: .client, id: id, method: pending.method, era: pending.era, size: size)
        wasMade = true
    }
}
