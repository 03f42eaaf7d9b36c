import Decision
import Evidence
import MCP
import Policy
import StrictJSON

/// Results of the modern era that ask for something before there is a result, and the requests that bring it.
extension GateState {
    /// A result with `resultType: input_required`: each of its questions is judged as the request that it is. Returns what is left out of it.
    /// Errors: why it is not passed on.
    mutating func inputRequired(
        _ pending: Pending, _ result: JSONNode, _ turn: inout GateTurn
    ) throws(BlockReason) -> [JSONEdit] {
        guard let subject = pending.subject else { throw .methodDenied }
        guard let members = Parameters(result, ["resultType", "inputRequests", "requestState"], in: tape),
            members[1] != nil || members[2] != nil
        else { throw .badParameters }
        let state = bytes(of: members[2])
        guard members[2] == nil || state.map(InputRounds.takes) == true else { throw .badParameters }
        var edits = metaEdits(result)
        var questions: [[UInt8]: Method] = [:]
        for asked in try inputRequests(of: result) {
            edits += try judge(asked.id, asked.method, asked.params, within: pending, pending.abilities, &turn)
            if case .string(let id)? = asked.id { questions[id] = asked.method }
        }
        rounds.add(InputRound(questions: questions, state: state, subject: subject))
        return edits
    }

    /// A question of the server within a response.
    struct ResponseQuestion {
        /// The server's name for it.
        var id: RequestID?
        /// Nil where it is none that is known.
        let method: Method?
        let params: JSONNode?
    }

    /// Those of a result with `resultType: input_required`. Errors: it has not their form.
    func inputRequests(of result: JSONNode) throws(BlockReason) -> [ResponseQuestion] {
        guard let asked = tape.member("inputRequests", of: result) else { return [] }
        guard tape.kind(of: asked) == .object else { throw .badParameters }
        var questions: [ResponseQuestion] = []
        var cursor = tape.firstChild(of: asked)
        while let name = cursor {
            let id = tape.stringBytes(name) ?? []
            let request = tape.value(of: name)
            guard let node = tape.member("method", of: request), tape.kind(of: node) == .string, questions.count < Self.mostQuestions,
                id.count <= RequestID.longest
            else { throw .badParameters }
            questions.append(ResponseQuestion(id: .string(id), method: Method(node, in: tape), params: tape.member("params", of: request)))
            cursor = tape.nextName(after: name)
        }
        return questions
    }

    /// In one response: a server must not be able to fill the spool.
    private static var mostQuestions: Int { 64 }

    /// A question within a response. Returns what is left out of it. Errors: why it is not passed on.
    mutating func judge(
        _ id: RequestID?, _ method: Method?, _ params: JSONNode?, within pending: Pending, _ abilities: ClientAbilities,
        _ turn: inout GateTurn
    ) throws(BlockReason) -> [JSONEdit] {
        var input = Input(side: .server, id: id, method: method, era: pending.era, wantsAnswer: false, size: 0)
        input.within = pending.decision
        do throws(BlockReason) {
            guard let method else { throw .methodUnknown }
            let judged = try question(method, params, abilities)
            // Whatever waits is held before it comes here.
            guard canRecord else { throw unrecordable }
            guard !judged.waits else { throw .cannotAsk(judged.rule) }
            input.commitment = try commit(toQuestion: params)
            input.content = try content()
            record(input, .forward(by: judged.rule), &turn)
            tell(input, .forward(by: judged.rule), &turn)
            return judged.edits + (params.map { metaEdits($0) } ?? [])
        } catch {
            record(input, .block(error), &turn)
            tell(input, .block(error), &turn)
            throw error
        }
    }

    /// The error by which a server of 2025-11-25 says that a person must go somewhere before it can do what was asked.
    mutating func elicitations(in error: JSONNode, _ pending: Pending, _ turn: inout GateTurn) throws(BlockReason) {
        for asked in try elicitations(of: error) {
            _ = try judge(nil, asked.method, asked.params, within: pending, pending.era == .modern ? pending.abilities : abilities, &turn)
            rememberElicitation(asked.params)
        }
    }

    /// Those of that error. Errors: it has not their form.
    func elicitations(of error: JSONNode) throws(BlockReason) -> [ResponseQuestion] {
        guard let code = tape.member("code", of: error), tape.int64(code) == Self.elicitationRequired else { return [] }
        guard let list = tape.member("data", of: error).flatMap({ tape.member("elicitations", of: $0) }), tape.kind(of: list) == .array
        else { throw .badParameters }
        var questions: [ResponseQuestion] = []
        var cursor = tape.firstChild(of: list)
        while let item = cursor {
            guard tape.kind(of: item) == .object, questions.count < Self.mostQuestions else { throw .badParameters }
            questions.append(ResponseQuestion(method: .elicit, params: item))
            cursor = tape.nextElement(after: item)
        }
        return questions
    }

    private static var elicitationRequired: Int64 { -32_042 }

    /// The round that this request answers; nil where it is made for the first time. Errors: nothing of what it brings was asked for.
    mutating func round(_ retry: Retry, _ input: inout Input, _ meta: RequestMeta) throws(BlockReason) -> InputRound? {
        guard !retry.isEmpty else { return nil }
        guard meta.era == .modern, let subject = input.subjectOfRounds else { throw .badParameters }
        let state = bytes(of: retry.state)
        guard retry.state == nil || state != nil else { throw .badParameters }
        if let responses = retry.responses {
            guard tape.kind(of: responses) == .object else { throw .badParameters }
            do { input.responses = try commit(to: responses) } catch { throw .inexactNumber(token: error.token) }
        }
        let candidates = rounds.indices(of: subject, state: state)
        guard let index = candidates.last(where: { answers(retry.responses, rounds[$0]) }) else { throw .unknownRound }
        return rounds.take(index)
    }

    /// Whether all of the answers are such as were asked for.
    private func answers(_ responses: JSONNode?, _ round: InputRound) -> Bool {
        var cursor = responses.flatMap { tape.firstChild(of: $0) }
        while let name = cursor {
            guard let id = tape.stringBytes(name), let method = round.questions[id], tape.kind(of: tape.value(of: name)) == .object,
                isAnswer(tape.value(of: name), to: method)
            else { return false }
            cursor = tape.nextName(after: name)
        }
        return true
    }
}

extension Input {
    /// What a round is about that starts with this request.
    var subjectOfRounds: InputRound.Subject? {
        guard let method, let commitment, [.callTool, .readResource, .getPrompt].contains(method) else { return nil }
        return InputRound.Subject(method: method, name: name, commitment: commitment)
    }
}
