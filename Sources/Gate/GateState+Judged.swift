import Decision
import Evidence
import MCP
import Policy
import StrictJSON

/// Requests that are decided about one by one: recorded before they are forwarded, and so are their answers.
extension GateState {
    /// A request of the client that the messages section decides about. `judged`: the members of its params that say what it asks for.
    mutating func request(
        about subject: MessageRules.Subject, _ input: Input, _ id: RequestID, _ judged: Parameters, _ params: JSONNode?,
        _ meta: RequestMeta,
        _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        do {
            input.commitment = try commit(to: judged)
        } catch {
            return block(input, .inexactNumber(token: error.token), &turn)
        }
        guard canRecord else { return block(input, unrecordable, &turn) }
        do throws(BlockReason) {
            input.content = try content()
            let rule = try permission(for: subject)
            _ = try round(judged.retry, &input, meta)
            forwardJudged(input, id, meta, by: rule, edits: clientMetaEdits(params), now, &turn)
        } catch {
            block(input, error, &turn)
        }
    }

    /// What of the messages section permits this. Errors: why nothing does.
    func permission(for subject: MessageRules.Subject) throws(BlockReason) -> RuleID {
        if isSuperseded { throw .policySuperseded }
        let judgement = messages.judge(subject)
        let rule = RuleID.rule("messages.\(subject.kind.rawValue)", layer: judgement.layer)
        switch judgement.effect {
        case .allow: return rule
        case .ask: throw .cannotAsk(rule)
        case .deny:
            try permitsSome(subject.kind)
            throw .nameDenied(subject.kind, layer: judgement.layer)
        }
    }

    /// Errors: no message of this kind is permitted.
    func permitsSome(_ kind: MessageKind) throws(BlockReason) {
        let judgement = messages.judge(anyOf: kind)
        if judgement.effect == .deny { throw .kindDenied(kind, layer: judgement.layer) }
    }

    /// What a person may permit is offered, too.
    func isPermitted(_ kind: MessageKind) -> Bool { messages.judge(anyOf: kind).effect != .deny }

    /// What a request may have beside `names`, in the modern era.
    static func names(_ names: [StaticString], in era: Era) -> [StaticString] { era == .modern ? names + Retry.names : names }

    /// The code of an object of these members in canonical order.
    private mutating func commit(to judged: Parameters) throws(JSONCanonicalError) -> [UInt8] {
        canonical.removeAll(keepingCapacity: true)
        canonical.append(UInt8(ascii: "{"))
        for (name, value) in judged.judged.sorted(by: { $0.name.description < $1.name.description }) {
            if canonical.count > 1 { canonical.append(UInt8(ascii: ",")) }
            canonical += Array("\"\(name)\":".utf8)
            try tape.canonicalize(value, into: &canonical)
        }
        canonical.append(UInt8(ascii: "}"))
        return commitment.code(canonical).bytes
    }

    /// What the request in the tape says that the client can do.
    var requestAbilities: ClientAbilities {
        let meta = tape.member("params", of: .root).flatMap { tape.member("_meta", of: $0) }
        return ClientAbilities(meta.flatMap { tape.member(ModernMeta.capabilities, of: $0) }, in: tape)
    }

    /// Records that a request of the client is forwarded, and forwards it.
    mutating func forwardJudged(
        _ input: Input, _ id: RequestID, _ meta: RequestMeta, by rule: RuleID, edits: [JSONEdit], spending: Allowances.Spending? = nil,
        lease: Int64? = nil,
        _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let method = input.method else { return }
        let number = record(input, .forward(by: rule), &turn)
        let slot = expectAnswer()
        var pending = Pending(method, meta, since: now, decision: number, slot: slot)
        if input.takesTask { pending.origin = CallTask.Origin(rule: rule, tool: input.name) }
        if meta.era == .modern {
            pending.subject = input.subjectOfRounds
            pending.abilities = requestAbilities
        }
        fromClient[id] = pending
        let start = turn.toServer.count
        forward(to: .server, edits: edits, &turn)
        turn.guarded.append(
            .init(
                id: id, era: meta.era, method: method, to: .server, range: start..<turn.toServer.count, slot: slot, spending: spending,
                lease: lease))
        tell(input, .forward(by: rule), &turn)
    }
}
