import Decision
import MCP
import Policy

/// The sentences of answers; the only place where they stand.
extension BlockReason {
    /// What the other side is told: what happened, why, and what to do.
    func text(for input: Input) -> String {
        guard input.isCall else { return "blocked by sandboxd (\(code)): \(cause(input))" + (adviceAboutQuestion.map { ". \($0)" } ?? "") }
        if self == .serverEnded { return "Ended by sandboxd (\(code)): \(cause(input))." }
        let next =
            input.wasMade
            ? "The call was made, but its result is not passed on." + (adviceAboutQuestion == nil ? "" : " \(advice)")
            : "The call was not made. \(advice)"
        return "Blocked by sandboxd (\(code)): \(cause(input)). \(next)"
    }

    private func cause(_ input: Input) -> String {
        let subject = input.subject
        return switch self {
        case .noRuleApplies(let layer):
            "no rule of \(layer.map { "the layer `\($0)`" } ?? "the policy") allows \(subject)"
                + (input.argumentsMatter ? " with these arguments" : "")
        case .deniedByRule(let rule, let why): "\(rule.sentence) denies \(subject)" + (why.map { ": \($0)" } ?? "")
        case .cannotAsk(let rule): "\(rule.sentence) asks a person first, and nobody can be asked in this session"
        case .limitSpent(let rule, let limit): "\(rule.sentence) forwards \(limit.words), and these are made"
        case .budgetSpent(let rule, let budget):
            "the call takes more than is left of the budget `\(budget)`, which \(rule.sentence) charges"
        case .badAmount(let rule, let budget, let pointer):
            "\(rule.sentence) charges the budget `\(budget)` with the argument `\(pointer)`, which must be a plain number that is not negative"
        case .ambiguousRedaction(let pointer):
            "the policy masks the argument `\(pointer)`, and names that differ only by case leave open which one is meant"
        case .deniedByPerson(let rule, let by, let why):
            "\(rule.sentence) asks a person first, and \(by) denied \(input.asked?.rawValue ?? subject)" + (why.map { ": \($0)" } ?? "")
        case .awaitsApproval(let rule, let approval):
            "\(rule.sentence) asks a person first, and nobody has decided yet; the approval id is \(approval)"
        case .approvalExpired(let rule): "\(rule.sentence) asks a person first, and nobody decided in time"
        case .tooLargeToAsk(let rule): "\(rule.sentence) asks a person first, and the arguments are longer than what is shown to a person"
        case .questionClosed: "the call carries an answer to a question that is not open, or that was not about these arguments"
        case .inexactNumber(let token): "the number \(ClippedText.text(token)) is not read alike by all programs"
        case .badToolName: "a tool name is 1 to 128 characters of A-Z, a-z, 0-9, `_`, `.` and `-`"
        case .kindDenied(let kind, let layer): "\(Self.document(layer)) permits no \(kind.word)"
        case .nameDenied(let kind, let layer): "\(Self.document(layer)) permits other \(kind.word), not \(subject)"
        case .driftedDefinition: "the server says something else of \(subject) than what was accepted"
        case .unreviewedDefinition: "nobody has reviewed what the server says of \(subject)"
        case .oversizedDefinition: "what the server says of \(subject) is too large to be kept and compared"
        case .methodDenied: input.wasMade ? "the result asks for something that the policy denies" : "the policy denies \(subject)"
        case .methodUnknown: "\(subject) is not a method of this protocol version"
        case .notJSON: "the line is not one strict JSON document in UTF-8"
        case .lineTooLong: "the line is too long"
        case .notMessage: "the line is not one JSON-RPC 2.0 message"
        case .batch: "batches are not accepted; send one message per line"
        case .badID: "a request needs an id that is a string or an integer within 2^53, and a notification has none"
        case .idInUse: "the id belongs to a request that is still pending"
        case .tokenInUse: "the progress token belongs to a request that is still pending"
        case .badParameters: "the parameters do not have the form that \(subject) prescribes"
        case .unexpectedResponse: "nothing was asked under this id"
        case .unexpectedNotification: "the notification is about nothing that is pending"
        case .wrongSide: "\(subject) cannot be sent by the \(input.side.rawValue) now"
        case .unterminatedLine: "the last line has no end"
        case .unknownVersion(let version): "the protocol version \(ClippedText.text(version)) is not known here"
        case .unknownRound: "it carries an answer or a state that the server did not ask for, or not for this request"
        case .notDeclared: "the client did not declare that it can do this"
        case .badAddress: "people are sent to http and https addresses only, and without credentials in them"
        case .unknownTask: "no call of this session became a task under this id"
        case .unaskedTask: "it was answered with a task, and the client had not asked for one"
        case .taskIDInUse: "it was answered with the id of another call's task"
        case .evidenceUnavailable: "the decision cannot be recorded"
        case .evidenceFull: "there is no room to record the decision"
        case .evidenceLost: "the disk did not take what was recorded, and nothing more is recorded in this session"
        case .evidenceBehind: "the decision cannot be recorded: too many receipts wait for the log of sandboxd"
        case .policySuperseded:
            "the policy was tightened while this session ran, in a way that a running server cannot be held to, and the session ends"
        case .serverEnded:
            input.wasMade ? "the server ended before it answered; whether it did what was asked is not known" : "the server has ended"
        case .tooManyPending: "too many requests are pending"
        case .daemonAbsent: "sandboxd, which would have to be asked, does not answer"
        case .storeUnavailable: "sandboxd cannot read or write what it keeps of earlier sessions"
        case .takenBack: "the client took it back before it was forwarded"
        }
    }

    /// For whoever asked for what a person decides about, and is no model. Nil where no person is to blame.
    private var adviceAboutQuestion: String? {
        if case .deniedByPerson = self { return "Do not ask for it again" }
        if case .awaitsApproval(_, let approval) = self {
            return "Ask again after approval, with the same parameters: `sandboxctl approvals show \(approval)`"
        }
        if case .approvalExpired = self { return "Ask again if it is still needed" }
        if case .tooLargeToAsk = self { return "Send less at a time" }
        return nil
    }

    private static func document(_ layer: String?) -> String { layer.map { "the layer `\($0)`" } ?? "the policy" }

    private var advice: String {
        switch self {
        case .inexactNumber: "Send the number as a string."
        case .badToolName: "Use a tool of the list."
        case .limitSpent(_, let limit):
            limit.per == .session
                ? "No more such calls are made in this session: do without, or ask the user to change the policy."
                : "Try again later, or do without."
        case .budgetSpent: "Ask for less, or ask the user to change the policy."
        case .badAmount(_, _, let pointer): "Send `\(pointer)` as a number."
        case .ambiguousRedaction: "Send each argument once, under the name that the tool gives it."
        case .unknownRound: "Make the call anew, without `inputResponses` and `requestState`."
        case .evidenceUnavailable: "Tell the user that the log of sandboxd cannot be written."
        case .evidenceFull: "Tell the user that the disk is full on which sandboxd keeps its log; once there is room, call again."
        case .evidenceLost: "Tell the user that the disk failed on which sandboxd keeps its log, and that this session cannot go on."
        case .evidenceBehind: "Try again later, or tell the user that sandboxd does not run, or cannot write its log."
        case .deniedByPerson: "Do not try it again: do without, or ask the user what to do instead."
        case .awaitsApproval(_, let approval):
            "Retry the same call after approval, with the same arguments: ask the user to look at `sandboxctl approvals show \(approval)`."
        case .approvalExpired: "Make the call again if it is still needed: the question is asked anew."
        case .tooLargeToAsk: "Send less at a time."
        case .questionClosed: "Make the call again without `inputResponses` and `requestState`: the question is asked anew."
        case .tooManyPending: "Try again when others are answered."
        case .driftedDefinition, .unreviewedDefinition:
            "Use another tool, and tell the user that `sandboxctl pins review` shows what changed and accepts or rejects it."
        case .oversizedDefinition: "Use another tool."
        case .policySuperseded: "Tell the user to start the session anew: a new one is held to the new policy."
        case .daemonAbsent: "Try again later, or tell the user that sandboxd does not run."
        case .storeUnavailable: "Tell the user that the store of sandboxd cannot be used."
        case .takenBack: "Make it again if it is still needed."
        case .noRuleApplies, .deniedByRule, .cannotAsk, .kindDenied, .nameDenied, .notDeclared, .badAddress, .unknownTask, .unaskedTask,
            .taskIDInUse, .methodDenied, .methodUnknown,
            .notJSON, .lineTooLong, .notMessage, .batch, .badID,
            .idInUse, .tokenInUse, .badParameters, .unexpectedResponse, .unexpectedNotification, .wrongSide, .unterminatedLine,
            .unknownVersion,
            .serverEnded:
            "Do not try it again as it is: use another tool, or ask the user to change the policy."
        }
    }
}

extension RuleID {
    fileprivate var sentence: String { layer.map { "the rule `\(text)` of the layer `\($0)`" } ?? "the policy's rule `\(text)`" }
}

extension MessageKind {
    /// For sentences.
    var word: String { self == .roots ? "listing of roots" : rawValue }
}

extension Input {
    /// What it is about, for sentences.
    fileprivate var subject: String {
        if isCall { return name.isEmpty ? "this call" : "the tool `\(ClippedText.text(name))`" }
        if method == .getPrompt, !name.isEmpty { return "the prompt `\(ClippedText.text(name))`" }
        if let method { return method.rawValue }
        return name.isEmpty ? "this message" : "`\(ClippedText.text(name))`"
    }
}

extension ClippedText {
    static func text(_ bytes: [UInt8]) -> String { String(decoding: utf8(bytes), as: UTF8.self) }

    static func text(_ text: String) -> String { self.text(Array(text.utf8)) }
}
