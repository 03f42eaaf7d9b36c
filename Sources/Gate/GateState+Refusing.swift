import Decision
import MCP
import StrictJSON

/// Lines that cannot be judged.
extension GateState {
    /// A line that is no JSON document. Whoever waits for it is told under its id, where that can be read.
    mutating func refuseUnreadable(_ side: Side, _ line: Span<UInt8>, _ now: UInt64, _ turn: inout GateTurn) {
        let beginning = line.extracting(first: Self.salvaged)
        refuse(side, Salvage(beginning, &tape), .notJSON, line.count, now, &turn)
    }

    mutating func refuseTooLong(_ side: Side, _ beginning: [UInt8], _ now: UInt64, _ turn: inout GateTurn) {
        let salvage = Salvage(beginning.span.extracting(first: Self.salvaged), &tape)
        refuse(side, salvage, .lineTooLong, beginning.count, now, &turn)
    }

    /// Bytes of a line in which an id is looked for.
    private static let salvaged = 4_096

    private mutating func refuse(
        _ side: Side, _ salvage: Salvage, _ reason: BlockReason, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        if salvage.isResponse || side == .server && !salvage.isRequest {
            refuseResponse(side, salvage.id, reason, size, now, &turn)
        } else {
            refuseRequest(side, salvage.id, reason, size, &turn)
        }
    }

    /// A document that is no message.
    mutating func refuse(_ problem: MessageProblem, _ side: Side, _ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        if problem.isRequestLike && !(side == .server && problem.kind == .empty) {
            refuseRequest(side, problem.id, problem.kind.reason, size, &turn)
        } else {
            refuseResponse(side, problem.id, problem.kind.reason, size, now, &turn)
        }
    }

    /// Something that may be a request. Its sender is told, but not under an id that is pending: that would be answered twice.
    private mutating func refuseRequest(_ side: Side, _ id: RequestID?, _ reason: BlockReason, _ size: Int, _ turn: inout GateTurn) {
        switch side {
        case .client:
            let isFree = id.map { !isInUse($0) } ?? false
            block(Input(side: .client, id: isFree ? id : nil, size: size), reason, &turn)
        case .server: block(Input(side: .server, wantsAnswer: false, size: size), reason, &turn)
        }
    }

    /// Something that may be a response: when it was to answer a request, whoever asked is told that no answer comes.
    mutating func refuseResponse(
        _ side: Side, _ id: RequestID?, _ reason: BlockReason, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        let input = Input(side: side, id: id, wantsAnswer: false, size: size)
        guard let id else { return block(input, reason, &turn) }
        switch side {
        case .client: refuseToServer(input, id, reason, &turn)
        case .server: refuseToClient(input, id, reason, now, &turn)
        }
    }

    private mutating func refuseToServer(_ input: Input, _ id: RequestID, _ reason: BlockReason, _ turn: inout GateTurn) {
        block(input, reason, &turn)
        guard let pending = fromServer.removeValue(forKey: id), !pending.isCancelled, !serverHasEnded, !clientHasEnded else { return }
        let start = turn.toServer.count
        answering(pending.slot) { state in
            state.error(input, reason, to: id, .server, &turn)
            state.collect(.server, id, from: start, &turn)
        }
    }

    private mutating func refuseToClient(_ input: Input, _ id: RequestID, _ reason: BlockReason, _ now: UInt64, _ turn: inout GateTurn) {
        guard let pending = takePending(id, now, &turn) else { return block(input, reason, &turn) }
        var input = input
        input.method = pending.method
        input.era = pending.era
        if pending.decision != nil {
            var outcome = CallOutcome(pending, now: now, size: input.size)
            outcome.status = .malformed
            recordOutcome(outcome, &turn)
        }
        guard !pending.isCancelled else { return block(input, reason, &turn) }
        answering(pending.slot) { state in state.blockResponse(input, reason, &turn) }
    }

    mutating func dropUnterminated(_ side: Side, _ size: Int, _ turn: inout GateTurn) {
        block(Input(side: side, wantsAnswer: false, size: size), .unterminatedLine, &turn)
    }
}

/// What can be learnt from a line that is refused: whom to tell.
private struct Salvage {
    let id: RequestID?
    let isRequest: Bool
    let isResponse: Bool

    init(_ bytes: Span<UInt8>, _ tape: inout JSONTape) {
        tape.salvage(bytes)
        guard !tape.isEmpty else {
            (id, isRequest, isResponse) = (nil, false, false)
            return
        }
        id = if let node = tape.member("id", of: .root) { RequestID(node, in: tape) } else { nil }
        isRequest = tape.member("method", of: .root) != nil
        isResponse = !isRequest && (tape.member("result", of: .root) != nil || tape.member("error", of: .root) != nil)
    }
}

extension MessageProblem.Kind {
    var reason: BlockReason {
        switch self {
        case .batch: .batch
        case .badID: .badID
        case .badParams: .badParameters
        case .notObject, .badVersion, .unknownMember, .hybrid, .badMethod, .badResult, .badError, .empty: .notMessage
        }
    }
}
