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
        switch side {
        case .client: block(input(salvage.id, wantsAnswer: !salvage.isResponse, size), reason, &turn)
        case .server: refuseFromServer(salvage.isRequest ? nil : salvage.id, reason, size, now, &turn)
        }
    }

    /// A document of the client that is no message.
    mutating func refuse(_ problem: MessageProblem, _ side: Side, _ size: Int, _ turn: inout GateTurn) {
        block(input(problem.id, wantsAnswer: problem.isRequestLike, size), problem.kind.reason, &turn)
    }

    /// An id that is pending is not answered twice.
    private func input(_ id: RequestID?, wantsAnswer: Bool, _ size: Int) -> Input {
        let isFree = id.map { fromClient[$0] == nil } ?? false
        return Input(side: .client, id: isFree ? id : nil, wantsAnswer: wantsAnswer, size: size)
    }

    /// A document of the server that is no message.
    mutating func refuseFromServer(_ problem: MessageProblem, _ size: Int, _ now: UInt64, _ turn: inout GateTurn) {
        refuseFromServer(problem.isRequestLike && problem.kind != .empty ? nil : problem.id, problem.kind.reason, size, now, &turn)
    }

    /// Drops what the server wrote; when it was to answer something, the client is told.
    private mutating func refuseFromServer(
        _ id: RequestID?, _ reason: BlockReason, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = Input(side: .server, id: id, wantsAnswer: false, size: size)
        guard let id, let pending = takePending(id, now, &turn) else { return block(input, reason, &turn) }
        input.method = pending.method
        input.era = pending.era
        if pending.method == .callTool {
            var outcome = CallOutcome(pending, now: now, size: size)
            outcome.status = .malformed
            recordOutcome(outcome, &turn)
        }
        pending.isCancelled ? block(input, reason, &turn) : blockResponse(input, reason, &turn)
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
