import Decision
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// A session that is held to more while it runs.
///
/// INVARIANT: between two messages either all of the new documents decide, or none; and what was denied before is denied after.
extension GateState {
    /// Decides by these documents as well from here on, and judges anew what waits. What cannot be read blocks everything: whoever sent it
    /// gets no answer, and ends the session.
    mutating func tighten(_ sections: GateSections, _ now: UInt64, _ turn: inout GateTurn) {
        do throws(GateSectionsProblem) { try take(sections) } catch {
            record(.lifecycle, ["error": .string(error.text), "gate": "not-tightened"], &turn)
            return supersede(now, &turn)
        }
        record(.lifecycle, ["gate": "tightened", "number": .number(JSONNumber(sections.number)), "under": .string(sections.under)], &turn)
        say("the policy was tightened while this session runs", &turn)
        judgeAnew(now, &turn)
        turn.toDaemon.append(.tightened(number: sections.number))
    }

    private mutating func take(_ sections: GateSections) throws(GateSectionsProblem) {
        let new = sections.sections.filter { !knownSections.contains($0.id) }
        guard knownSections.count + new.count <= GateSections.most else { throw .tooMany }
        var tools: [LayeredRules.Layer] = []
        var others: [MessageRules.Layer] = []
        for section in new {
            do { tools.append(.init(name: section.layer, tools: try ToolsClause(json: section.tools))) } catch {
                throw .unreadable("tools\(error.pointer)")
            }
            do { others.append(.init(name: section.layer, messages: try MessagesClause(json: section.messages))) } catch {
                throw .unreadable("messages \(error.member)")
            }
        }
        do { rules = try rules.tightened(by: tools) } catch { throw .badRule(error.rule) }
        messages = messages.tightened(by: others)
        knownSections.formUnion(new.map(\.id))
        under = sections.under
        facts = facts.tightened(by: sections)
    }

    /// Nothing new is let through any more: the session is about to end. What was forwarded may still be answered.
    mutating func supersede(_ now: UInt64, _ turn: inout GateTurn) {
        guard !isSuperseded else { return }
        isSuperseded = true
        record(.lifecycle, ["gate": "superseded"], &turn)
        say("the policy was tightened in a way that this session cannot be held to: it ends soon", &turn)
        judgeAnew(now, &turn)
    }

    // MARK: What waits

    private mutating func judgeAnew(_ now: UInt64, _ turn: inout GateTurn) {
        for id in heldInOrder { judgeHoldAnew(id, &turn) }
        for key in heldMessages.inOrder { judgeMessageAnew(key, &turn) }
        for id in leases.inOrder { judgeLeaseAnew(id, now, &turn) }
    }

    /// It goes on waiting for a person, or is blocked: that another document would ask, too, makes no second question.
    private mutating func judgeHoldAnew(_ id: RequestID, _ turn: inout GateTurn) {
        guard let hold = holds.waiting[id] else { return }
        do throws(BlockReason) {
            let judgement = try judge(hold.line, hold.input, hold.meta)
            if case .block(let reason) = judgement.decision { throw reason }
            holds.judged(id, adding: judgement.additions)
        } catch {
            withdrawRequest(hold.request, &turn)
            note(hold, .superseded, hold.approval, by: nil, &turn)
            end(id, error, &turn)
        }
    }

    private mutating func judge(_ line: [UInt8], _ input: Input, _ meta: RequestMeta) throws(BlockReason) -> Judgement {
        if isSuperseded { throw .policySuperseded }
        // It was written from a document that was read.
        guard (try? tape.parse(line)) != nil, let params = tape.member("params", of: .root),
            let call = CallParameters(params, meta.era, in: tape)
        else { throw .badParameters }
        return rules.judge(input.name, arguments: call.arguments, in: tape)
    }

    private mutating func judgeMessageAnew(_ key: HeldMessages.Key, _ turn: inout GateTurn) {
        for question in heldMessages.waiting[key]?.questions ?? [] {
            guard let subject = question.method.subject else { continue }
            let judgement = messages.judge(subject)
            if isSuperseded { return end(key, .policySuperseded, about: question.method, &turn) }
            if judgement.effect == .deny {
                return end(key, .kindDenied(subject.kind, layer: judgement.layer), about: question.method, &turn)
            }
        }
    }

    /// What it was to take of shared budgets is given back, and the call is decided as if it came now.
    private mutating func judgeLeaseAnew(_ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) {
        guard let call = leases.remove(id) else { return }
        withdrawRequest(call.request, &turn)
        answering(call.slot) { state in
            guard (try? state.tape.parse(call.line)) != nil else { return state.block(call.input, .badParameters, &turn) }
            var input = Input(side: .client, id: id, method: .callTool, size: call.input.size)
            input.era = call.meta.era
            state.call(input, id, state.tape.member("params", of: .root), call.meta, now, &turn)
        }
    }
}

/// Why a gate cannot decide by what it was sent.
enum GateSectionsProblem: Error {
    case tooMany
    case unreadable(String)
    case badRule(String)

    var text: String {
        switch self {
        case .tooMany: "too many documents"
        case .unreadable(let what): what
        case .badRule(let rule): "rule `\(rule)`"
        }
    }
}

extension Method {
    /// What the messages section says of it, where it is something that servers ask clients for.
    fileprivate var subject: MessageRules.Subject? {
        switch self {
        case .createMessage: .sampling
        case .elicit: .elicitation
        case .listRoots: .roots
        case _: nil
        }
    }
}

extension GateFacts {
    /// What calls that come from here on are held by.
    func tightened(by sections: GateSections) -> GateFacts {
        GateFacts(
            server: server, policyDigest: policyDigest, isQuiet: isQuiet,
            callerDecides: callerDecides && sections.approvals.callerDecides, keepsArguments: keepsArguments || sections.keepsArguments,
            within: min(within, UInt64(sections.approvals.within) * Self.second),
            wait: min(wait, UInt64(sections.approvals.wait) * Self.second))
    }
}
