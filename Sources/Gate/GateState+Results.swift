import Decision
import Evidence
import MCP
import StrictJSON

/// What comes back for calls and listings.
extension GateState {
    mutating func callResponse(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode?, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var outcome = CallOutcome(pending, now: now, size: size)
        outcome.status = result == nil ? .error : .result
        if let result, let flag = tape.member("isError", of: result) { outcome.isError = tape.kind(of: flag) == .true }
        let start = turn.toClient.count
        forward(to: .client, edits: result.map { noting(pending.denials, in: $0) } ?? [], &turn)
        outcome.digest = turn.toClient.withUnsafeBytes { bytes in
            digest.update(UnsafeRawBufferPointer(rebasing: bytes[start..<bytes.count - 1]))
            return digest.finish().bytes
        }
        let isComplete = result.map { isCompleteResult($0, pending.era) } ?? true
        if !isComplete { outcome.status = .withheld }
        guard isComplete, !pending.isCancelled else {
            turn.toClient.removeLast(turn.toClient.count - start)
            recordOutcome(outcome, &turn)
            if !pending.isCancelled { answerWithheld(id, pending, size, &turn) }
            return
        }
        guard canRecord else {
            turn.toClient.removeLast(turn.toClient.count - start)
            var input = Input(call: id, pending.era, size)
            input.wasMade = true
            return block(input, .evidenceUnavailable, &turn)
        }
        recordOutcome(outcome, &turn)
        turn.guarded.append(.init(id: id, era: pending.era, isCall: true, to: .client, range: start..<turn.toClient.count))
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

    /// A result of the modern era may ask for input or announce a task; both would let data pass that nobody judges yet.
    private func isCompleteResult(_ result: JSONNode, _ era: Era) -> Bool {
        if let type = tape.member("resultType", of: result) { return tape.isString(type, "complete") }
        return tape.member("task", of: result) == nil && tape.member("inputRequests", of: result) == nil
    }

    private mutating func answerWithheld(_ id: RequestID, _ pending: Pending, _ size: Int, _ turn: inout GateTurn) {
        var input = Input(call: id, pending.era, size)
        input.wasMade = true
        block(input, .methodDenied, &turn)
    }

    /// Passes on those tools that may be called. On modern requests nobody else may get the list from a cache.
    mutating func listing(_ id: RequestID, _ pending: Pending, _ result: JSONNode, _ size: Int, _ turn: inout GateTurn) {
        guard let tools = tape.member("tools", of: result), tape.kind(of: tools) == .array else {
            var input = Input(side: .server, id: id, size: size)
            input.method = .listTools
            input.era = pending.era
            return blockResponse(input, .badParameters, &turn)
        }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: tools)
        while let tool = cursor {
            if !isListed(tool) { edits.append(JSONEdit(tool, .remove)) }
            cursor = tape.nextElement(after: tool)
        }
        if pending.era == .modern { edits.append(privateCache(result)) }
        forward(to: .client, edits: edits, &turn)
    }

    private func privateCache(_ result: JSONNode) -> JSONEdit {
        let value = Array("\"private\"".utf8)
        guard let scope = tape.member("cacheScope", of: result) else {
            return JSONEdit(result, .append(name: "cacheScope", value: value))
        }
        return JSONEdit(scope, .replace(value))
    }

    private func isListed(_ tool: JSONNode) -> Bool {
        guard let node = tape.member("name", of: tool), let name = tape.stringBytes(node) else { return false }
        return ToolName.isValid(name) && rules.mayBeCalled(name)
    }
}

extension Input {
    /// A call whose result is not passed on.
    init(call id: RequestID, _ era: Era, _ size: Int) {
        self.init(side: .client, id: id, method: .callTool, era: era, size: size)
    }
}
