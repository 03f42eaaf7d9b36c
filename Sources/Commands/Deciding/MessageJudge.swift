import Decision
import Gate
import MCP
import Policy
import PolicyText
import StrictJSON

/// Judges messages by the gate's own step. Each is the first behind the handshake of a session.
struct MessageJudge {
    private let rules: LayeredRules
    private let messages: MessageRules

    /// Errors: rules that cannot be compiled, at `place`.
    init(_ policy: JudgedPolicy) throws(Refusal) {
        rules = try CallJudge.compiled(policy.expanded.tools, layers: policy.layers, at: policy.expanded.location, cwd: policy.cwd)
        messages = policy.messages
    }

    /// `params` is JSON, nil for none; `from`: nil for whoever may send it.
    func judge(_ method: String, params: [UInt8]?, from side: Side?) -> JudgedMessage {
        do {
            return judge(AskedMessage(method, params: try params.map { try JSON(parsing: $0) }, from: side))
        } catch {
            let problem = (error as? JSONError).map { "\($0.kind.rawValue) at byte \($0.offset)" } ?? "they cannot be read"
            return JudgedMessage(AskedMessage(method, from: side), unreadable: "the params are not strict JSON: \(problem)")
        }
    }

    func judge(_ message: AskedMessage) -> JudgedMessage {
        var gate = GateState(
            rules: rules, messages: messages, facts: GateFacts(server: "", policyDigest: "", isQuiet: true), commitmentKey: [0])
        Handshake.perform(&gate)
        var turn = GateTurn()
        gate.step(message.from, line: message.line.span, now: 2, into: &turn)
        gate.finish(&turn)
        let record = turn.records.first { $0.kind == .decision || $0.kind == .hold }
        let (forwarded, answered) = message.from == .client ? (turn.toServer, turn.toClient) : (turn.toClient, turn.toServer)
        return JudgedMessage(
            message, record: record.flatMap { Self.document(turn.recordBytes[$0.range]) }, forwarded: Self.document(forwarded[...]),
            answered: Self.document(answered[...]))
    }

    private static func document(_ bytes: ArraySlice<UInt8>) -> JSON? { try? JSON(parsing: Array(bytes)) }
}
