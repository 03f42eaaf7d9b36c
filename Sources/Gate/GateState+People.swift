import Decision
import MCP
import Policy

/// Lines on stderr, for people.
extension GateState {
    mutating func tell(_ input: Input, _ decision: Decision, _ turn: inout GateTurn) {
        guard !facts.isQuiet else { return }
        begin(&turn)
        let subject =
            (input.isCall || input.method == .getPrompt) && !input.name.isEmpty
            ? input.name : Array((input.method?.rawValue ?? "message").utf8)
        Self.append(decision.word, &turn.people)
        turn.people.append(UInt8(ascii: " "))
        if input.side == .server { Self.append("from server: ", &turn.people) }
        PrintableText.append(ClippedText.utf8(subject), to: &turn.people)
        switch decision {
        case .forward(let rule), .hold(let rule): turn.people += Array(" (\(rule.words))".utf8)
        case .block(let reason): turn.people += Array(": \(reason.code) ".utf8) + Self.summary(reason)
        }
        turn.people.append(UInt8(ascii: "\n"))
    }

    /// A remark of the gate's own.
    mutating func say(_ text: String, _ turn: inout GateTurn) {
        guard !facts.isQuiet else { return }
        begin(&turn)
        turn.people += Array(text.utf8)
        turn.people.append(UInt8(ascii: "\n"))
    }

    /// A line of the server's stderr: bounded, marked as the server's, and unable to move a cursor.
    mutating func tellServerError(_ line: [UInt8], _ turn: inout GateTurn) {
        turn.people += Array("[".utf8)
        PrintableText.append(Array(facts.server.utf8)[...], to: &turn.people)
        turn.people += Array("] ".utf8)
        PrintableText.append(line.prefix(Self.longestErrorLine), to: &turn.people)
        if line.count > Self.longestErrorLine { turn.people += Array(" …".utf8) }
        turn.people.append(UInt8(ascii: "\n"))
    }

    private static var longestErrorLine: Int { 4_096 }

    private func begin(_ turn: inout GateTurn) {
        Self.append("sandboxd[", &turn.people)
        PrintableText.append(Array(facts.server.utf8)[...], to: &turn.people)
        Self.append("]: ", &turn.people)
    }

    private static func append(_ text: StaticString, _ output: inout [UInt8]) {
        text.withUTF8Buffer { output.append(contentsOf: $0) }
    }

    private static func summary(_ reason: BlockReason) -> [UInt8] {
        var output: [UInt8] = []
        PrintableText.append(Array(reason.summary.utf8)[...], to: &output)
        return output
    }
}

extension RuleID {
    /// For a line on stderr.
    fileprivate var words: String { "rule \(text)" + (layer.map { " of layer \($0)" } ?? "") }
}

extension CallLimit {
    var words: String { "\(calls) \(calls == 1 ? "call" : "calls") per \(per.rawValue)" }
}

extension BlockReason {
    /// A few words, for a line on stderr.
    var summary: String {
        switch self {
        case .noRuleApplies(let layer): "no rule\(layer.map { " of layer \($0)" } ?? "") allows it"
        case .deniedByRule(let rule, _): "denied by \(rule.words)"
        case .cannotAsk(let rule): "\(rule.words) asks, and nobody can be asked"
        case .limitSpent(let rule, let limit): "\(rule.words) forwards \(limit.words), and these are made"
        case .budgetSpent(let rule, let budget): "more than is left of budget \(budget) of \(rule.words)"
        case .badAmount(let rule, let budget, let pointer): "\(pointer) is no amount for budget \(budget) of \(rule.words)"
        case .ambiguousRedaction(let pointer): "\(pointer) is to be masked and is ambiguous"
        case .deniedByPerson(let rule, let by, _): "denied by \(by), whom \(rule.words) asks"
        case .awaitsApproval(let rule, let approval): "\(rule.words) asks; nobody has decided about \(approval) yet"
        case .approvalExpired(let rule): "\(rule.words) asks; nobody decided in time"
        case .tooLargeToAsk(let rule): "\(rule.words) asks; the arguments are too long to be judged"
        case .questionClosed: "an answer to no open question"
        case .inexactNumber: "a number that not every program reads alike"
        case .badToolName: "not a tool name"
        case .kindDenied(let kind, let layer): "no \(kind.word)\(layer.map { " by layer \($0)" } ?? "")"
        case .nameDenied(let kind, let layer): "none of the permitted \(kind.word)\(layer.map { " of layer \($0)" } ?? "")"
        case .unknownRound: "an answer or a state that was not asked for"
        case .notDeclared: "not declared by the client"
        case .badAddress: "no plain web address"
        case .unknownTask: "no task of a call of this session"
        case .unaskedTask: "a task that was not asked for"
        case .taskIDInUse: "a task's id that another call has"
        case .driftedDefinition: "not what was accepted of it"
        case .unreviewedDefinition: "not reviewed yet"
        case .oversizedDefinition: "too large to be kept"
        case .methodDenied: "denied by the policy"
        case .methodUnknown: "unknown method"
        case .notJSON: "not strict JSON"
        case .lineTooLong: "line too long"
        case .notMessage: "not a JSON-RPC message"
        case .batch: "a batch"
        case .badID: "bad or missing id"
        case .idInUse: "id still in use"
        case .tokenInUse: "progress token still in use"
        case .badParameters: "bad parameters"
        case .unexpectedResponse: "nothing was asked under its id"
        case .unexpectedNotification: "about nothing that is pending"
        case .wrongSide: "not to be sent by this side now"
        case .unterminatedLine: "unterminated last line"
        case .unknownVersion(let version): "unknown protocol version \(ClippedText.text(version))"
        case .evidenceUnavailable: "cannot be recorded"
        case .evidenceFull: "cannot be recorded, no room"
        case .evidenceLost: "cannot be recorded, the disk failed"
        case .evidenceBehind: "cannot be recorded, the log is too far behind"
        case .policySuperseded: "the policy was tightened, the session ends"
        case .serverEnded: "the server has ended"
        case .tooManyPending: "too many pending"
        case .daemonAbsent: "sandboxd does not answer"
        case .storeUnavailable: "the store cannot be used"
        case .takenBack: "cancelled before it was forwarded"
        }
    }
}
