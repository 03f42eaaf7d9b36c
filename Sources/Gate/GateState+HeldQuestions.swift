import Decision
import Evidence
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// What of the server's a person is asked about, and how it is shown.
extension GateState {
    /// One question of a server, judged.
    struct JudgedQuestion {
        let kind: MessageKind
        let rule: RuleID
        /// What is left out of it.
        let edits: [JSONEdit]
        /// A person decides first, and has not.
        let waits: Bool
    }

    /// What of the messages section permits a question of the server, perhaps once a person does. Errors: why nothing does.
    func permission(toAsk subject: MessageRules.Subject) throws(BlockReason) -> (rule: RuleID, waits: Bool) {
        if isSuperseded { throw .policySuperseded }
        let judgement = messages.judge(subject)
        guard judgement.effect == .ask else { return (try permission(for: subject), false) }
        return (RuleID.rule("messages.\(subject.kind.rawValue)", layer: judgement.layer), !isGranted)
    }

    /// The question, as an approver gets it: `edits` is what it is passed on without.
    mutating func held(
        _ input: Input, _ method: Method, _ params: JSONNode?, _ judged: JudgedQuestion, _ edits: [JSONEdit]
    ) throws(BlockReason) -> HeldQuestion {
        HeldQuestion(
            input: input, method: method, kind: judged.kind, rule: judged.rule, parameters: try shownParameters(params, edits))
    }

    /// What an approver sees, and a grant is bound to: the parameters as the client would get them, in canonical order. A progress token is left
    /// out, since it only tells one request from another like it.
    private func shownParameters(_ params: JSONNode?, _ edits: [JSONEdit]) throws(BlockReason) -> String {
        guard let params else { return "{}" }
        var shown: [UInt8] = []
        tape.encode(params, edits: tokenEdits(params) + edits, into: &shown)
        // It was written from a document that was read.
        guard var json = (try? JSON(parsing: shown))?.object else { throw .badParameters }
        if json["_meta"]?.object?.count == 0 { json["_meta"] = nil }
        let canonical: [UInt8]
        do { canonical = try JSON.object(json).canonical() } catch { throw .inexactNumber(token: error.token) }
        return String(decoding: canonical, as: UTF8.self)
    }

    private func tokenEdits(_ params: JSONNode) -> [JSONEdit] {
        guard let meta = tape.member("_meta", of: params), tape.kind(of: meta) == .object else { return [] }
        var cursor = tape.firstChild(of: meta)
        while let name = cursor {
            if tape.isString(name, "progressToken") { return [JSONEdit(name, .remove)] }
            cursor = tape.nextName(after: name)
        }
        return []
    }

    // MARK: Within responses

    /// What a person is to be asked about in a response; and what is wrong with the rest of it, so that nobody is.
    mutating func heldQuestions(
        _ pending: Pending, _ result: JSONNode?, _ error: JSONNode?
    ) -> (held: [HeldQuestion], fault: (input: Input, reason: BlockReason)?) {
        var held: [HeldQuestion] = []
        let abilities = pending.era == .modern ? pending.abilities : abilities
        // One without its form is judged, and refused, like any other response.
        for one in (try? questions(pending, result, error)) ?? [] {
            var input = Input(side: .server, id: one.id, method: one.method, era: pending.era, wantsAnswer: false, size: 0)
            input.within = pending.decision
            do throws(BlockReason) {
                guard let method = one.method else { throw .methodUnknown }
                let judged = try question(method, one.params, abilities)
                input.commitment = try commit(toQuestion: one.params)
                input.content = try content()
                guard judged.waits else { continue }
                held.append(try self.held(input, method, one.params, judged, judged.edits + (one.params.map { metaEdits($0) } ?? [])))
            } catch {
                return (held, (input, error))
            }
        }
        return (held, nil)
    }

    private func questions(_ pending: Pending, _ result: JSONNode?, _ error: JSONNode?) throws(BlockReason) -> [ResponseQuestion] {
        guard let result else { return try error.map { error throws(BlockReason) in try elicitations(of: error) } ?? [] }
        guard [.callTool, .readResource, .getPrompt].contains(pending.method), kind(of: result, pending.era) == .inputRequired else {
            return []
        }
        return try inputRequests(of: result)
    }

    // MARK: In the client's window

    /// Whether this client can be asked: by a request of the gate's own, in the legacy era. Who is to be kept from a question of the server does not
    /// find another in its place: elicitations are decided about in line.
    func canAskInline(_ key: HeldMessage.Key, _ questions: [HeldQuestion]) -> Bool {
        guard case .request = key, facts.callerDecides, clientTakesForms else { return false }
        return questions.allSatisfy { $0.kind != .elicitation }
    }

    /// The client's answer to a form; `result` is nil for an error.
    mutating func takeForm(_ form: RequestID, _ result: JSONNode?, _ now: UInt64, _ turn: inout GateTurn) {
        guard let key = heldMessages.answered(form), let question = heldMessages.question(key, 0) else { return }
        // It could not ask: whoever else may decide still can.
        guard let result else { return }
        let reply = Elicitation.Reply(result, in: tape)
        heldMessages.update(key, 0) { $0.isOpen = false }
        if let request = question.request { closeRequest(request, reply, &turn) }
        note(question.record, reply == .accepted ? .granted : .denied, question.approval, by: Self.user, reply: reply, &turn)
        guard reply == .accepted else { return end(key, .deniedByPerson(question.rule, by: Self.user), about: question.method, &turn) }
        grant(key, 0, now, &turn)
    }

    func questionText(_ call: HeldCall, _ rule: RuleID) -> String {
        let what =
            switch call.message {
            case .sampling: "ask your client's model"
            case .roots: "be told which directories your client works in"
            case .elicitation: "ask you something"
            case .resources, .prompts, nil: "run the tool \(Self.printable(call.tool))"
            }
        let end = call.message == nil ? "?" : " (\(call.tool))?"
        var lines = ["sandboxd asks: may the server \(Self.printable(facts.server)) \(what)\(end)"]
        let document = rule.layer.map { "the layer \(Self.printable($0))" } ?? "the policy"
        lines.append("Rule \(Self.printable(rule.text)) of \(document)" + (call.reason.map { ": \(Self.printable($0))" } ?? ""))
        lines += shownLines(call)
        return lines.joined(separator: "\n")
    }
}
