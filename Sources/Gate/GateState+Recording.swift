import Decision
import Evidence
import MCP
import Policy
import StrictJSON

/// Bodies of receipts. Members stand in canonical order.
extension GateState {
    /// Records a decision and returns its number. `nanoseconds`: what the gate itself took for it, from when it took up the line, or what the call had waited for,
    /// until here.
    @discardableResult
    mutating func record(_ input: Input, _ decision: Decision, count: Int64? = nil, _ turn: inout GateTurn) -> UInt64 {
        guard canRecord else {
            unrecordedInputs += count ?? 1
            return lastNumber
        }
        return append(.decision, inputs: count ?? 1, &turn) { [under, taken] writer in
            if let commitment = input.commitment { writer.member("arguments") { Self.code(commitment, &$0) } }
            writer.member("bytes", Int64(input.size))
            if let content = input.content { writer.member("content") { Self.code(content.code, &$0) } }
            if let count { writer.member("count", count) }
            writer.member("decision", decision.word)
            writer.member("era", input.era.rawValue)
            if let id = input.id { writer.member("id") { id.append(to: &$0) } }
            if !input.labels.isEmpty { writer.member("labels") { Self.labels(input.labels, &$0) } }
            if let layer = decision.layer { writer.member("layer", layer) }
            if input.masked > 0 { writer.member("masked", Int64(input.masked)) }
            if let method = input.method?.rawValue { writer.member("method", method) }
            if let taken { writer.member("nanoseconds", taken) }
            if input.method == .getPrompt, !input.name.isEmpty { writer.member("prompt", utf8: ClippedText.utf8(input.name)) }
            if let reason = decision.reason { writer.member("reason", reason.code) }
            if let responses = input.responses { writer.member("responses") { Self.code(responses, &$0) } }
            if let rule = decision.rule { writer.member("rule", rule.text) }
            writer.member("side", input.side.rawValue)
            if let task = input.task { writer.member("task", utf8: ClippedText.utf8(task)) }
            if input.isCall { writer.member("tool", utf8: ClippedText.utf8(input.name)) }
            if let under { writer.member("under", under) }
            if !input.isCall, input.method == nil, !input.name.isEmpty {
                writer.member("unknownMethod", utf8: ClippedText.utf8(input.name))
            }
            if let within = input.within { writer.member("within", Int64(clamping: within)) }
            // Not a part of the receipt: the daemon takes it out.
            if let content = input.content { writer.member("kept") { $0 += content.bytes } }
        }
    }

    /// A call, or a question of the server, waits for a person from here on.
    mutating func recordHold(_ input: Input, _ rule: RuleID, _ turn: inout GateTurn) -> UInt64 {
        append(.hold, &turn) { [under, taken] writer in
            if let commitment = input.commitment { writer.member("arguments") { Self.code(commitment, &$0) } }
            writer.member("decision", "hold" as StaticString)
            writer.member("era", input.era.rawValue)
            if let id = input.id { writer.member("id") { id.append(to: &$0) } }
            if !input.labels.isEmpty { writer.member("labels") { Self.labels(input.labels, &$0) } }
            if let layer = rule.layer { writer.member("layer", layer) }
            if !input.isCall, let method = input.method?.rawValue { writer.member("method", method) }
            if let taken { writer.member("nanoseconds", taken) }
            writer.member("rule", rule.text)
            if !input.isCall { writer.member("side", input.side.rawValue) }
            if input.isCall { writer.member("tool", utf8: ClippedText.utf8(input.name)) }
            if let under { writer.member("under", under) }
            if let within = input.within { writer.member("within", Int64(clamping: within)) }
        }
    }

    /// What became of it. `by`: whoever decided, as it was said to the gate.
    mutating func note(
        _ hold: Hold, _ outcome: HoldOutcome, _ approval: String?, by: String?, reply: Elicitation.Reply? = nil, _ turn: inout GateTurn
    ) {
        note(hold.record, outcome, approval, by: by, reply: reply, &turn)
    }

    mutating func note(
        _ number: UInt64, _ outcome: HoldOutcome, _ approval: String?, by: String?, reply: Elicitation.Reply? = nil, _ turn: inout GateTurn
    ) {
        append(.hold, &turn) { writer in
            if let approval { writer.member("approval", approval) }
            if let by { writer.member("by", by) }
            writer.member("hold", Int64(clamping: number))
            writer.member("outcome", outcome.rawValue)
            if let reply { writer.member("reply", reply.rawValue) }
        }
    }

    mutating func recordOutcome(_ outcome: CallOutcome, _ turn: inout GateTurn) {
        append(.outcome, &turn) { writer in
            writer.member("bytes", Int64(outcome.size))
            if outcome.isCancelled { writer.member("cancelled", true) }
            writer.member("decision", Int64(clamping: outcome.decision))
            if !outcome.denials.isEmpty { writer.member("denials") { outcome.denials.json.encode(into: &$0) } }
            if outcome.status == .result { writer.member("isError", outcome.isError) }
            writer.member("microseconds", outcome.microseconds)
            if let commitment = outcome.commitment { writer.member("response") { Self.code(commitment, &$0) } }
            writer.member("status", outcome.status.rawValue)
            if let task = outcome.task { writer.member("task", utf8: ClippedText.utf8(task)) }
            if let status = outcome.taskStatus { writer.member("taskStatus", status.rawValue) }
        }
    }

    /// Records what is an object already.
    @discardableResult
    mutating func record(_ kind: GateRecord.Kind, _ body: JSONObject, inputs: Int64 = 0, _ turn: inout GateTurn) -> UInt64 {
        guard canRecordOutcome else { return lastNumber }
        let start = turn.recordBytes.count
        let json = JSON.object(body)
        turn.recordBytes += (try? json.canonical()) ?? json.encoded()
        return add(kind, inputs, from: start, &turn)
    }

    @discardableResult
    private mutating func append(
        _ kind: GateRecord.Kind, inputs: Int64 = 0, _ turn: inout GateTurn, _ body: (inout JSONWriter) -> Void
    ) -> UInt64 {
        guard canRecordOutcome else { return lastNumber }
        let start = turn.recordBytes.count
        var bytes: [UInt8] = []
        swap(&bytes, &turn.recordBytes)
        var writer = JSONWriter(appendingTo: bytes)
        body(&writer)
        turn.recordBytes = writer.finish()
        return add(kind, inputs, from: start, &turn)
    }

    /// What lies in the turn from `start` on is the next record.
    private mutating func add(_ kind: GateRecord.Kind, _ inputs: Int64, from start: Int, _ turn: inout GateTurn) -> UInt64 {
        lastNumber += 1
        turn.records.append(GateRecord(kind: kind, number: lastNumber, range: start..<turn.recordBytes.count, inputs: inputs))
        return lastNumber
    }

    /// Of a content that the receipt commits to.
    private static func code(_ bytes: [UInt8], _ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        Commitment.prefix.withUTF8Buffer { output.append(contentsOf: $0) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count * 2) { room in
            room.initialize(repeating: 0)
            for (index, byte) in bytes.enumerated() {
                room[2 * index] = hexDigit(byte >> 4)
                room[2 * index + 1] = hexDigit(byte & 0xF)
            }
            output.append(contentsOf: UnsafeBufferPointer(room))
        }
        output.append(UInt8(ascii: "\""))
    }

    /// An object of arrays, since several rules may give one name several values.
    private static func labels(_ labels: [Rule.Label], _ output: inout [UInt8]) {
        var object = JSONObject()
        for label in labels { object[label.name] = .array((object[label.name]?.array ?? []) + [.string(label.value)]) }
        JSON.object(object).encode(into: &output)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension Decision {
    var word: StaticString {
        switch self {
        case .forward: "forward"
        case .hold: "hold"
        case .block: "block"
        }
    }

    var reason: BlockReason? {
        if case .block(let reason) = self { reason } else { nil }
    }

    var rule: RuleID? {
        switch self {
        case .forward(let rule), .hold(let rule), .block(.deniedByRule(let rule, _)), .block(.cannotAsk(let rule)),
            .block(.limitSpent(let rule, _)), .block(.budgetSpent(let rule, _)), .block(.badAmount(let rule, _, _)),
            .block(.deniedByPerson(let rule, _, _)), .block(.awaitsApproval(let rule, _)), .block(.approvalExpired(let rule)),
            .block(.tooLargeToAsk(let rule)):
            rule
        case .block: nil
        }
    }

    /// The layer that decided; nil where it was the policy, or no rules at all.
    var layer: String? {
        switch self {
        case .block(.noRuleApplies(let layer)), .block(.kindDenied(_, let layer)), .block(.nameDenied(_, let layer)): layer
        case .forward, .hold, .block: rule?.layer
        }
    }
}
