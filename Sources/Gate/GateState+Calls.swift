import Decision
import Evidence
import MCP
import SessionProtocol
import StrictJSON

/// tools/call
extension GateState {
    mutating func call(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        guard let params, let call = CallParameters(params, meta.era, in: tape) else { return block(input, .badParameters, &turn) }
        name.removeAll(keepingCapacity: true)
        tape.appendString(call.name, to: &name)
        input.name = name
        guard ToolName.isValid(name) else { return block(input, .badToolName, &turn) }
        guard call.task == nil || agreed == .november2025 else { return block(input, .badParameters, &turn) }
        input.takesTask = takesTask(call, meta)
        do {
            input.commitment = try commit(to: call.arguments)
        } catch {
            return block(input, .inexactNumber(token: error.token), &turn)
        }
        guard canRecord else { return block(input, unrecordable, &turn) }
        if isSuperseded { return block(input, .policySuperseded, &turn) }
        do throws(BlockReason) { input.content = try content(ofCall: name, call.arguments) } catch { return block(input, error, &turn) }
        let judgement = rules.judge(name, arguments: call.arguments, in: tape)
        input.labels = judgement.additions?.labels ?? []
        switch judgement.decision {
        case .block(let reason):
            input.isHidden = judgement.isHidden
            input.argumentsMatter = !judgement.isHidden && rules.mayBeCalled(name)
            block(input, reason, &turn)
        case .hold(let rule):
            // Nobody is asked about a tool that is no longer what it was.
            if let reason = pins.reason(against: name) { return block(input, reason, &turn) }
            let asking = Asking(input: input, id: id, call: call, meta: meta, judgement: judgement, rule: rule)
            if let answer = call.answer { return takeRound(asking, answer, now, &turn) }
            // What goes on with a call for which there was a grant needs no other.
            call.retry.isEmpty ? hold(asking, now, &turn) : goOn(input, id, call, meta, rule, judgement.additions, now, &turn)
        case .forward where call.answer != nil: block(input, .questionClosed, &turn)
        case .forward(let rule): goOn(input, id, call, meta, rule, judgement.additions, now, &turn)
        }
    }

    /// Forwards a call; one that brings what the server asked for goes on with the call that was answered so.
    private mutating func goOn(
        _ input: Input, _ id: RequestID, _ call: CallParameters, _ meta: RequestMeta, _ rule: RuleID, _ additions: Additions?,
        _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        do throws(BlockReason) {
            let isAgain = try round(call.retry, &input, meta) != nil
            forward(input, id, call, meta, rule, additions, isAgain: isAgain, now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// Spends what the call takes and forwards it, or blocks it. `isAgain`: it was paid for. `leased`: the request by which its
    /// part of shared budgets was reserved.
    mutating func forward(
        _ input: Input, _ id: RequestID, _ call: CallParameters, _ meta: RequestMeta, _ rule: RuleID, _ additions: Additions?,
        isAgain: Bool = false, leased: Int64? = nil, _ now: UInt64, _ turn: inout GateTurn
    ) {
        do throws(BlockReason) {
            // A person's word, or the store's, comes at any time.
            guard canRecord else { throw unrecordable }
            if let reason = pins.reason(against: input.name) { throw reason }
            // While a person decided, another version may have been agreed on.
            guard call.task == nil || agreed == .november2025 else { throw .badParameters }
            var input = input
            if input.takesTask, !hasRoomForTask {
                // Of a modern server it is hidden that the client takes one.
                guard meta.era == .modern else { throw .tooManyPending }
                input.takesTask = false
            }
            var terms = try terms(additions, call.arguments, isAgain: isAgain, now)
            if leased == nil, let spending = terms.spending, !spending.shared.isEmpty {
                // It is spent once there is an answer; until then others may be forwarded.
                allowances.takeBack(spending)
                return lease(input, id, meta, rule, additions, spending.shared, now, &turn)
            }
            terms.lease = leased
            terms.removals = call.answer?.members.map { JSONEdit($0, .remove) } ?? []
            forwardCall(input, id, meta, rule, terms, now, &turn)
        } catch {
            if let leased { turn.toDaemon.append(.withdraw(number: leased)) }
            block(input, error, &turn)
        }
    }

    /// What a call is forwarded with, and what it spent for that.
    private struct Terms {
        var edits: [JSONEdit] = []
        /// Members that are the gate's business, and not the server's.
        var removals: [JSONEdit] = []
        var spending: Allowances.Spending?
        /// The request by which more was reserved.
        var lease: Int64?
    }

    private mutating func terms(
        _ additions: Additions?, _ arguments: JSONNode?, isAgain: Bool, _ now: UInt64
    ) throws(BlockReason) -> Terms {
        guard let additions else { return Terms() }
        let edits = try additions.redactions(in: arguments, tape)
        if isAgain { return Terms(edits: edits) }
        return Terms(edits: edits, spending: try allowances.spend(additions, arguments: arguments, in: tape, now: now))
    }

    /// The code of the canonical arguments; a call without any has an empty object.
    mutating func commit(to arguments: JSONNode?) throws(JSONCanonicalError) -> [UInt8] {
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
        let edits = terms.edits + terms.removals + clientMetaEdits(tape.member("params", of: .root), takesTasks: input.takesTask)
        forwardJudged(input, id, meta, by: rule, edits: edits, spending: terms.spending, lease: terms.lease, now, &turn)
    }
}

/// The params of a tools/call: what the gate judges, and nothing besides, so that no server finds more in it.
struct CallParameters {
    let name: JSONNode
    /// An object.
    let arguments: JSONNode?
    /// To a question of the server's, or of the gate's own.
    let retry: Retry
    /// To a question of the gate's own.
    let answer: Answer?
    /// An object: the client of 2025-11-25 wants to fetch the result later.
    let task: JSONNode?
    private let meta: JSONNode?

    /// What a call carries that the gate answered with `input_required`.
    struct Answer {
        let responses: JSONNode
        let state: JSONNode
        /// The names of both members.
        let members: [JSONNode]

        /// Nil where the state is none of the gate's.
        init?(_ retry: Retry, in tape: borrowing JSONTape) {
            guard let responses = retry.responses, let state = retry.state, tape.kind(of: responses) == .object,
                let text = tape.stringBytes(state), text.starts(with: Retry.ownState)
            else { return nil }
            (self.responses, self.state, members) = (responses, state, retry.members)
        }
    }

    /// An object that a modern request has.
    func capabilities(in tape: borrowing JSONTape) -> JSONNode? { meta.flatMap { tape.member(ModernMeta.capabilities, of: $0) } }

    /// Nil when a member is missing, unknown or of a wrong type.
    init?(_ params: JSONNode, _ era: Era, in tape: borrowing JSONTape) {
        var name: JSONNode?, arguments: JSONNode?, meta: JSONNode?, task: JSONNode?, retry = Retry.none
        var cursor = tape.firstChild(of: params)
        while let member = cursor {
            let value = tape.value(of: member)
            if tape.isString(member, "name") {
                name = value
            } else if tape.isString(member, "arguments") {
                arguments = value
            } else if tape.isString(member, "_meta") {
                meta = value
            } else if era == .legacy, tape.isString(member, "task"), TaskState.isWish(value, in: tape) {
                task = value
            } else if era == .modern, tape.isString(member, Retry.names[0]) {
                retry.responses = value
                retry.members.append(member)
            } else if era == .modern, tape.isString(member, Retry.names[1]) {
                retry.state = value
                retry.members.append(member)
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
        self.task = task
        self.retry = retry
        answer = Answer(retry, in: tape)
    }
}

extension JSONCanonicalError {
    var token: String {
        switch self {
        case .integerTooLarge(let token), .inexactNumber(let token): token
        }
    }
}
