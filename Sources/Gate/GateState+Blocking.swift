import Decision
import MCP
import StrictJSON

/// What is not passed on: recorded, told, and answered where somebody may wait.
extension GateState {
    /// So many dropped inputs of the server are recorded one by one in a turn; the rest is counted in one record, so that a
    /// server cannot fill the spool with rubbish.
    private static let individuallyRecorded = 16

    mutating func block(_ input: Input, _ reason: BlockReason, _ turn: inout GateTurn) {
        note(input, reason, &turn)
        guard input.wantsAnswer else { return }
        switch input.side {
        case .client: answerClient(input, reason, &turn)
        case .server: answerServer(input, reason, &turn)
        }
    }

    /// Blocks a response of the server and tells the client, who waits for it.
    mutating func blockResponse(_ input: Input, _ reason: BlockReason, _ turn: inout GateTurn) {
        note(input, reason, &turn)
        let start = turn.toClient.count
        error(input, reason, to: input.id, .client, &turn)
        collect(.client, input.id, from: start, &turn)
    }

    /// Records what is not passed on, and tells people. `count`: of what was blocked together.
    mutating func note(_ input: Input, _ reason: BlockReason, count: Int64? = nil, _ turn: inout GateTurn) {
        if input.side == .server {
            turn.droppedFromServer += 1
            if turn.droppedFromServer > Self.individuallyRecorded { return }
        }
        record(input, .block(reason), count: count, &turn)
        tell(input, .block(reason), &turn)
    }

    /// To be called before the records of a turn are written.
    public mutating func finish(_ turn: inout GateTurn) {
        let rest = turn.droppedFromServer - Self.individuallyRecorded
        guard rest > 0 else { return }
        turn.droppedFromServer = 0
        record(Input(side: .server, size: 0), .block(.tooManyPending), count: Int64(rest), &turn)
        say("dropped \(rest) more lines of the server", &turn)
    }

    private mutating func answerClient(_ input: Input, _ reason: BlockReason, _ turn: inout GateTurn) {
        guard !clientHasEnded || !turn.isLast else { return }
        let start = turn.toClient.count
        if input.isHidden {
            answerUnknownTool(input, &turn)
        } else if input.isCall, let id = input.id, reason.isDecisionAboutCall {
            let text = reason.text(for: input)
            Answer.denial(text, meta: denialMeta(reason), to: id, era: input.era, into: &turn.toClient)
        } else {
            error(input, reason, to: input.id, .client, &turn)
        }
        collect(.client, input.id, from: start, &turn)
    }

    /// What a server answers to a call of a tool that it does not have (MCP, "Server features", "Tools", "Error handling"); nothing in it
    /// tells that there is a rule.
    private func answerUnknownTool(_ input: Input, _ turn: inout GateTurn) {
        let name = String(decoding: input.name, as: UTF8.self)
        Answer.error(.invalidParams, "Unknown tool: \(name)", data: nil, to: input.id, unknownID: unknownID, into: &turn.toClient)
    }

    private mutating func answerServer(_ input: Input, _ reason: BlockReason, _ turn: inout GateTurn) {
        guard !serverHasEnded, !clientHasEnded else { return }
        let start = turn.toServer.count
        error(input, reason, to: input.id, .server, &turn)
        collect(.server, input.id, from: start, &turn)
    }

    /// An error that tells a side why something does not come.
    func error(_ input: Input, _ reason: BlockReason, to id: RequestID?, _ side: Side, _ turn: inout GateTurn) {
        let (code, text, data) = (reason.errorCode(in: input.era), reason.text(for: input), data(reason))
        switch side {
        case .client: Answer.error(code, text, data: data, to: id, unknownID: unknownID, into: &turn.toClient)
        case .server: Answer.error(code, text, data: data, to: id, unknownID: unknownID, into: &turn.toServer)
        }
    }

    /// What programs read in an answer.
    private func data(_ reason: BlockReason) -> [UInt8] {
        var writer = JSONWriter()
        if case .unknownVersion(let version) = reason {
            writer.member("requested", version)
            writer.member("supported", json: JSON.array(ProtocolVersion.allCases.map { .string($0.rawValue) }).encoded())
        }
        writer.member("code", reason.code)
        writer.member("policy", facts.policyDigest)
        if let layer = Decision.block(reason).layer { writer.member("layer", layer) }
        if let rule = Decision.block(reason).rule { writer.member("rule", rule.text) }
        return writer.finish()
    }

    private func denialMeta(_ reason: BlockReason) -> [UInt8] {
        var writer = JSONWriter()
        writer.member("io.sandboxd/decision", json: data(reason))
        return writer.finish()
    }

    /// Writes the message in the tape anew, as one line.
    func forward(to side: Side, edits: [JSONEdit] = [], _ turn: inout GateTurn) {
        switch side {
        case .client:
            tape.encode(edits: edits, into: &turn.toClient)
            turn.toClient.append(UInt8(ascii: "\n"))
        case .server:
            tape.encode(edits: edits, into: &turn.toServer)
            turn.toServer.append(UInt8(ascii: "\n"))
        }
    }
}

extension BlockReason {
    /// Whether the model is to see it as the result of its call; the rest are faults of the protocol.
    var isDecisionAboutCall: Bool {
        switch self {
        case .noRuleApplies, .deniedByRule, .cannotAsk, .inexactNumber, .badToolName, .limitSpent, .budgetSpent, .badAmount,
            .ambiguousRedaction, .deniedByPerson, .awaitsApproval, .approvalExpired, .tooLargeToAsk, .questionClosed, .kindDenied,
            .nameDenied,
            .unknownRound, .notDeclared, .badAddress, .unaskedTask, .taskIDInUse, .methodDenied,
            .evidenceUnavailable, .evidenceFull, .evidenceLost, .evidenceBehind, .policySuperseded, .tooManyPending, .daemonAbsent,
            .storeUnavailable,
            .takenBack, .driftedDefinition, .unreviewedDefinition,
            .oversizedDefinition:
            true
        case .methodUnknown, .notJSON, .lineTooLong, .notMessage, .batch, .badID, .idInUse, .tokenInUse, .badParameters,
            .unexpectedResponse,
            .unexpectedNotification, .wrongSide, .unterminatedLine, .unknownVersion, .unknownTask, .serverEnded:
            false
        }
    }

    func errorCode(in era: Era) -> ErrorCode {
        switch self {
        case .unknownVersion: era == .modern ? .unsupportedVersion : .invalidParams
        case .notJSON: .parse
        case .lineTooLong, .notMessage, .batch, .badID, .idInUse, .tokenInUse, .wrongSide: .invalidRequest
        case .methodDenied, .methodUnknown, .kindDenied: .methodNotFound
        // What servers answer about a task that they do not have (MCP 2025-11-25 and the extension, "Error Handling").
        case .badParameters, .unknownTask: .invalidParams
        case .noRuleApplies, .deniedByRule, .cannotAsk, .inexactNumber, .badToolName, .limitSpent, .budgetSpent, .badAmount,
            .ambiguousRedaction, .deniedByPerson, .awaitsApproval, .approvalExpired, .tooLargeToAsk, .questionClosed, .nameDenied,
            .unknownRound,
            .notDeclared, .badAddress, .unaskedTask, .taskIDInUse, .unexpectedResponse,
            .unexpectedNotification, .unterminatedLine, .evidenceUnavailable, .evidenceFull, .evidenceLost,
            .evidenceBehind, .policySuperseded, .serverEnded, .tooManyPending, .daemonAbsent,
            .storeUnavailable, .takenBack, .driftedDefinition, .unreviewedDefinition, .oversizedDefinition:
            .own(Int64(code.dropFirst()) ?? 0)
        }
    }
}
