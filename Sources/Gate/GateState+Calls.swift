import Decision
import Evidence
import MCP
import StrictJSON

/// tools/call
extension GateState {
    mutating func call(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        guard let params, let call = CallParameters(params, in: tape), call.answer == nil || meta.era == .modern else {
            return block(input, .badParameters, &turn)
        }
        name.removeAll(keepingCapacity: true)
        tape.appendString(call.name, to: &name)
        input.name = name
        guard ToolName.isValid(name) else { return block(input, .badToolName, &turn) }
        do {
            input.commitment = try commit(to: call.arguments)
        } catch {
            return block(input, .inexactNumber(token: error.token), &turn)
        }
        guard canRecord else { return block(input, .evidenceUnavailable, &turn) }
        let judgement = rules.judge(name, arguments: call.arguments, in: tape)
        input.labels = judgement.additions?.labels ?? []
        switch judgement.decision {
        case .block(let reason):
            input.isHidden = judgement.isHidden
            input.argumentsMatter = !judgement.isHidden && rules.mayBeCalled(name)
            block(input, reason, &turn)
        case .hold(let rule):
            let asking = Asking(input: input, id: id, call: call, meta: meta, judgement: judgement, rule: rule)
            call.answer.map { takeRound(asking, $0, now, &turn) } ?? hold(asking, now, &turn)
        case .forward where call.answer != nil: block(input, .questionClosed, &turn)
        case .forward(let rule): forward(input, id, call, meta, rule, judgement.additions, now, &turn)
        }
    }

    /// Spends what the call takes and forwards it, or blocks it.
    mutating func forward(
        _ input: Input, _ id: RequestID, _ call: CallParameters, _ meta: RequestMeta, _ rule: RuleID, _ additions: Additions?,
        _ now: UInt64,
        _ turn: inout GateTurn
    ) {
        do {
            var terms = try terms(additions, call.arguments, now)
            terms.removals = call.answer?.members.map { JSONEdit($0, .remove) } ?? []
            forwardCall(input, id, meta, rule, terms, now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// What a call is forwarded with, and what it spent for that.
    private struct Terms {
        var edits: [JSONEdit] = []
        /// Members that are the gate's business, and not the server's.
        var removals: [JSONEdit] = []
        var spending: Allowances.Spending?
    }

    private mutating func terms(_ additions: Additions?, _ arguments: JSONNode?, _ now: UInt64) throws(BlockReason) -> Terms {
        guard let additions else { return Terms() }
        let edits = try additions.redactions(in: arguments, tape)
        return Terms(edits: edits, spending: try allowances.spend(additions, arguments: arguments, in: tape, now: now))
    }

    /// The code of the canonical arguments; a call without any has an empty object.
    private mutating func commit(to arguments: JSONNode?) throws(JSONCanonicalError) -> [UInt8] {
        canonical.removeAll(keepingCapacity: true)
        if let arguments {
            try tape.canonicalize(arguments, into: &canonical)
        } else {
            canonical += [UInt8(ascii: "{"), UInt8(ascii: "}")]
        }
        return commitment.code(canonical).bytes
    }

    private mutating func forwardCall(
        _ input: Input, _ id: RequestID, _ meta: RequestMeta, _ rule: RuleID, _ terms: Terms, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        input.masked = terms.edits.count
        let number = record(input, .forward(by: rule), &turn)
        let slot = expectAnswer()
        fromClient[id] = Pending(.callTool, meta, since: now, decision: number, slot: slot)
        let start = turn.toServer.count
        forward(to: .server, edits: terms.edits + terms.removals, &turn)
        turn.guarded.append(
            .init(
                id: id, era: meta.era, isCall: true, to: .server, range: start..<turn.toServer.count, slot: slot, spending: terms.spending))
        tell(input, .forward(by: rule), &turn)
    }
}

/// The params of a tools/call: what the gate judges, and nothing besides, so that no server finds more in it.
struct CallParameters {
    let name: JSONNode
    /// An object.
    let arguments: JSONNode?
    /// To a question of the gate's own, in the modern era.
    let answer: Answer?
    private let meta: JSONNode?

    /// What a call carries that was answered with `input_required`.
    struct Answer {
        let responses: JSONNode
        let state: JSONNode
        /// The names of both members.
        let members: [JSONNode]
    }

    /// An object that a modern request has.
    func capabilities(in tape: borrowing JSONTape) -> JSONNode? { meta.flatMap { tape.member(ModernMeta.capabilities, of: $0) } }

    /// Nil when a member is missing, unknown or of a wrong type.
    init?(_ params: JSONNode, in tape: borrowing JSONTape) {
        var name: JSONNode?, arguments: JSONNode?, meta: JSONNode?, responses: JSONNode?, state: JSONNode?
        var members: [JSONNode] = []
        var cursor = tape.firstChild(of: params)
        while let member = cursor {
            let value = tape.value(of: member)
            if tape.isString(member, "name") {
                name = value
            } else if tape.isString(member, "arguments") {
                arguments = value
            } else if tape.isString(member, "_meta") {
                meta = value
            } else if tape.isString(member, "inputResponses") {
                responses = value
                members.append(member)
            } else if tape.isString(member, "requestState") {
                state = value
                members.append(member)
            } else {
                return nil
            }
            cursor = tape.nextName(after: member)
        }
        guard let name, tape.kind(of: name) == .string else { return nil }
        if let arguments, tape.kind(of: arguments) != .object { return nil }
        self.name = name
        self.arguments = arguments
        self.meta = meta
        switch (responses, state) {
        case (nil, nil): answer = nil
        case (let responses?, let state?):
            guard tape.kind(of: responses) == .object, tape.kind(of: state) == .string else { return nil }
            answer = Answer(responses: responses, state: state, members: members)
        case (_?, nil), (nil, _?): return nil
        }
    }
}

extension JSONCanonicalError {
    var token: String {
        switch self {
        case .integerTooLarge(let token), .inexactNumber(let token): token
        }
    }
}
