import Decision
import MCP
import Policy
import StrictJSON

/// What a server asks of a client, whichever way: by a request of its own in the legacy era, within a result in the modern one.
extension GateState {
    /// What permits it, and what is left out of it. Errors: why it is not passed on.
    func question(_ method: Method, _ params: JSONNode?, _ abilities: ClientAbilities) throws(BlockReason) -> JudgedQuestion {
        switch method {
        case .createMessage:
            let (rule, waits) = try permission(toAsk: .sampling)
            return JudgedQuestion(kind: .sampling, rule: rule, edits: try samplingEdits(params, abilities), waits: waits)
        case .elicit:
            let (rule, waits) = try permission(toAsk: .elicitation)
            try checkElicitation(params, abilities)
            return JudgedQuestion(kind: .elicitation, rule: rule, edits: [], waits: waits)
        case .listRoots:
            let (rule, waits) = try permission(toAsk: .roots)
            guard Parameters(params, [], in: tape) != nil else { throw .badParameters }
            guard abilities.contains(.roots) else { throw .notDeclared }
            return JudgedQuestion(kind: .roots, rule: rule, edits: [], waits: waits)
        default: throw .methodDenied
        }
    }

    private static var samplingMembers: [StaticString] {
        [
            "messages", "maxTokens", "tools", "toolChoice", "includeContext", "systemPrompt", "temperature", "stopSequences", "metadata",
            "modelPreferences",
        ]
    }

    private func samplingEdits(_ params: JSONNode?, _ abilities: ClientAbilities) throws(BlockReason) -> [JSONEdit] {
        guard let params, let members = Parameters(params, Self.samplingMembers, in: tape), let messages = members[0],
            tape.kind(of: messages) == .array, members[1] != nil
        else { throw .badParameters }
        guard abilities.contains(.sampling) else { throw .notDeclared }
        guard members[2] == nil && members[3] == nil || abilities.contains(.samplingWithTools) else { throw .notDeclared }
        var edits = messageEdits(params)
        if let context = members[4], !tape.isString(context, "none"), !tape.isString(context, "thisServer") {
            edits.append(JSONEdit(context, .replace(Array("\"none\"".utf8))))
        }
        return edits
    }

    private func checkElicitation(_ params: JSONNode?, _ abilities: ClientAbilities) throws(BlockReason) {
        guard let params else { throw .badParameters }
        let mode = tape.member("mode", of: params)
        guard let mode, !tape.isString(mode, "form") else {
            guard let form = Parameters(params, ["mode", "message", "requestedSchema"], in: tape), let text = form[1], let schema = form[2],
                tape.kind(of: text) == .string, tape.kind(of: schema) == .object
            else { throw .badParameters }
            guard abilities.contains(.elicitation) else { throw .notDeclared }
            return
        }
        guard tape.isString(mode, "url") else { throw .badParameters }
        guard abilities.contains(.elicitationByURL) else { throw .notDeclared }
        try checkAddress(params)
    }

    /// Of an elicitation by URL.
    func checkAddress(_ params: JSONNode) throws(BlockReason) {
        guard let members = Parameters(params, ["mode", "message", "url", "elicitationId"], in: tape),
            let text = members[1], tape.kind(of: text) == .string, let address = bytes(of: members[2])
        else { throw .badParameters }
        guard WebAddress.isPlain(address) else { throw .badAddress }
    }

    /// Whether this has the form of an answer to such a question.
    func isAnswer(_ result: JSONNode, to method: Method) -> Bool {
        switch method {
        case .createMessage: (["role", "content", "model"] as [StaticString]).allSatisfy { tape.member($0, of: result) != nil }
        case .elicit: isElicitationAnswer(result)
        case .listRoots: tape.member("roots", of: result).map { tape.kind(of: $0) == .array } ?? false
        default: true
        }
    }

    private func isElicitationAnswer(_ result: JSONNode) -> Bool {
        guard let action = tape.member("action", of: result) else { return false }
        let content = tape.member("content", of: result)
        if tape.isString(action, "accept") { return content.map { tape.kind(of: $0) == .object } ?? true }
        // What was not accepted is not told.
        return content == nil && (tape.isString(action, "decline") || tape.isString(action, "cancel"))
    }
}
