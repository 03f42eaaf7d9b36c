import Decision
import Evidence
import MCP
import SessionProtocol
import StrictJSON

/// Asking whoever runs the client, in the client's own window.
///
/// Forms only: a question under a URL needs a page that somebody serves, and there is none.
extension GateState {
    /// Whether this client can be asked about this call.
    func canAskInline(_ meta: RequestMeta, _ call: CallParameters) -> Bool {
        guard facts.callerDecides else { return false }
        switch meta.era {
        case .legacy: return clientTakesForms
        case .modern: return Elicitation.takesForms(call.capabilities(in: tape), in: tape)
        }
    }

    /// What the client says of itself at the beginning of the legacy era; it counts once the server has answered.
    mutating func noteCapabilities(_ params: JSONNode?) {
        offersForms = Elicitation.takesForms(params.flatMap { tape.member("capabilities", of: $0) }, in: tape)
        clientTakesForms = false
    }

    mutating func noteNegotiated(_ version: [UInt8]) {
        clientTakesForms = offersForms && Elicitation.isKnown(inVersion: version)
    }

    /// Asks; false when the call has to wait in line instead.
    mutating func askInline(_ id: RequestID, _ hold: Hold, _ approval: String, _ now: UInt64, _ turn: inout GateTurn) -> Bool {
        guard let message = hold.question?.message else { return false }
        let text = message + "\nApproval id: \(approval)"
        switch hold.meta.era {
        case .legacy:
            let question = minted.next()
            holds.ask(about: id, as: question)
            Elicitation.appendRequest(text, id: question, to: &turn.toClient)
            return true
        case .modern: return answerWithQuestion(id, hold, approval, text, now, &turn)
        }
    }

    // MARK: The legacy era

    /// The client's answer to a question of the gate; `result` is nil for an error.
    mutating func takeReply(_ question: RequestID, _ result: JSONNode?, _ now: UInt64, _ turn: inout GateTurn) {
        guard let id = holds.answered(question), let hold = holds.waiting[id] else { return }
        guard let result else {
            // It could not ask: whoever else may decide still can.
            return holds.list(id, as: hold.approval ?? "", progressDue: hold.meta.progressToken == nil ? nil : now)
        }
        let reply = Elicitation.Reply(result, in: tape)
        closeRequest(hold.request, reply, &turn)
        note(hold, reply == .accepted ? .granted : .denied, hold.approval, by: Self.user, reply: reply, &turn)
        guard reply == .accepted else { return end(id, .deniedByPerson(hold.rule, by: Self.user), &turn) }
        forwardHeld(id, now, &turn)
    }

    static var user: String { "the client's user" }

    // MARK: The modern era

    private mutating func answerWithQuestion(
        _ id: RequestID, _ hold: Hold, _ approval: String, _ text: String, _ now: UInt64, _ turn: inout GateTurn
    ) -> Bool {
        let round = Holds.Round(
            tool: hold.input.name, commitment: hold.input.commitment ?? [], request: hold.request, record: hold.record,
            due: now + facts.within)
        guard holds.open(round, approval, now: now) else { return false }
        _ = holds.remove(id)
        detachRequest(hold.request, &turn)
        note(hold, .asked, approval, by: nil, &turn)
        Elicitation.appendRound(text, state: requestState(approval, round), to: id, &turn.toClient)
        return true
    }

    /// What the client must bring back: nothing that is not signed, and nothing that is secret.
    private mutating func requestState(_ approval: String, _ round: Holds.Round) -> String {
        let text = "sandboxd.1.\(approval).\(round.due)"
        let code = commitment.code(Array("\(text)\n".utf8) + round.tool + [0] + round.commitment)
        return "\(text).\(Hex.encode(code.bytes))"
    }

    /// A call that carries the answer to a question: only about the same call, only once, and only before it expires.
    mutating func takeRound(_ asking: Asking, _ answer: CallParameters.Answer, _ now: UInt64, _ turn: inout GateTurn) {
        guard let state = tape.string(answer.state), let approval = Self.approval(inState: state), let commitment = asking.input.commitment,
            let open = holds.rounds[approval], requestState(approval, open).utf8.elementsEqual(state.utf8),
            let reply = Elicitation.Reply(inputResponses: answer.responses, in: tape),
            let round = holds.take(approval, tool: asking.input.name, commitment: commitment, now: now)
        else { return block(asking.input, .questionClosed, &turn) }
        closeRequest(round.request, reply, &turn)
        note(round.record, reply == .accepted ? .granted : .denied, approval, by: Self.user, reply: reply, &turn)
        guard reply == .accepted else { return block(asking.input, .deniedByPerson(asking.rule, by: Self.user), &turn) }
        forward(asking.input, asking.id, asking.call, asking.meta, asking.rule, asking.judgement.additions, now, &turn)
    }

    private static func approval(inState state: String) -> String? {
        let parts = state.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].elementsEqual("sandboxd".utf8), parts[1].elementsEqual("1".utf8) else { return nil }
        return String(parts[2])
    }

    // MARK: What is shown

    /// Bytes of arguments that a window shows.
    private static var shownArguments: Int { 2_048 }

    /// What a window shows of the arguments.
    func shownLines(_ call: HeldCall) -> [String] {
        let arguments = Array(call.arguments.utf8)
        let shown = Self.clipped(arguments)
        var lines = ["\(call.message == nil ? "Arguments" : "Parameters"): \(Self.printable(shown))"]
        if shown.count < arguments.count {
            lines.append(
                "… and \(arguments.count - shown.count) bytes more, which `sandboxctl approvals show` shows. Do not approve what you have not seen."
            )
        }
        return lines
    }

    private static func clipped(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.count > shownArguments else { return bytes[...] }
        var end = shownArguments
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes[..<end]
    }

    static func printable(_ text: String) -> String { printable(Array(text.utf8)[...]) }

    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        PrintableText.append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
