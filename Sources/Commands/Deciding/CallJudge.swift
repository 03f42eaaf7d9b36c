import Decision
import MCP
import Policy
import StrictJSON

/// Judges calls as the gate does: the same reading, the same questions in the same order. Each call is the first of a session.
struct CallJudge: ~Copyable {
    private let rules: LayeredRules
    private var tape: JSONTape
    private var canonical: [UInt8] = []

    /// Errors: rules that cannot be compiled, at `place`.
    init(
        _ clause: ToolsClause, layers: [LayeredRules.Layer] = [], at place: SourceLocation, cwd: String,
        whitespace: JSONWhitespace = .rfc8259
    ) throws(Refusal) {
        rules = try Self.compiled(clause, layers: layers, at: place, cwd: cwd)
        tape = JSONTape(whitespace: whitespace)
    }

    /// The rules of a policy and its layers, as the gate has them.
    static func compiled(
        _ clause: ToolsClause, layers: [LayeredRules.Layer], at place: SourceLocation, cwd: String
    ) throws(Refusal) -> LayeredRules {
        do { return try LayeredRules(policy: clause, layers: layers, cwd: cwd) } catch {
            let rule = (clause.rules + layers.flatMap(\.tools.rules)).first { $0.id.utf8.elementsEqual(error.rule.utf8) }
            let facts = ["place": "tools.rules", "value": error.rule, "expected": "rules that can be compiled"]
            throw Refusal(Reason(.badValue, at: rule?.location ?? place, facts))
        }
    }

    /// A call of `tool`; `arguments` is JSON, nil for a call without any.
    mutating func judge(tool: [UInt8], arguments: [UInt8]?) -> JudgedCall {
        var call = JudgedCall(tool: String(decoding: tool, as: UTF8.self))
        do {
            if let arguments { try tape.parse(arguments) }
        } catch {
            return call.blocked(.notJSON, "the arguments are not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
        }
        guard arguments == nil || tape.kind(of: .root) == .object else {
            return call.blocked(.badParameters, "the arguments are no object")
        }
        judge(tool, arguments == nil ? nil : .root, &call)
        return call
    }

    /// A line of `{"tool": …, "arguments": …}`.
    mutating func judge(line: [UInt8]) -> JudgedCall {
        var call = JudgedCall(tool: "")
        do { try tape.parse(line) } catch {
            return call.blocked(.notJSON, "the line is not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
        }
        guard let (tool, arguments) = members() else {
            return call.blocked(.badParameters, "a line holds `tool`, a string, and `arguments`, an object or nothing; no more")
        }
        let name = tape.stringBytes(tool) ?? []
        call.tool = String(decoding: name, as: UTF8.self)
        judge(name, arguments, &call)
        return call
    }

    private func members() -> (tool: JSONNode, arguments: JSONNode?)? {
        guard tape.kind(of: .root) == .object, let tool = tape.member("tool", of: .root), tape.kind(of: tool) == .string else { return nil }
        let arguments = tape.member("arguments", of: .root)
        guard tape.count(of: .root) == (arguments == nil ? 1 : 2) else { return nil }
        if let arguments, tape.kind(of: arguments) != .object { return nil }
        return (tool, arguments)
    }

    private mutating func judge(_ name: [UInt8], _ arguments: JSONNode?, _ call: inout JudgedCall) {
        guard ToolName.isValid(name) else {
            call.decision = .block(.badToolName)
            return
        }
        canonical.removeAll(keepingCapacity: true)
        do {
            if let arguments { try tape.canonicalize(arguments, into: &canonical) }
        } catch {
            call.decision = .block(.inexactNumber(token: error.token))
            return
        }
        let judgement = rules.judge(name, arguments: arguments, in: tape)
        call.accounts = rules.accounts(name, arguments: arguments, in: tape)
        call.judgement = judgement
        call.decision = judgement.decision
        guard judgement.effect != .deny, let additions = judgement.additions else { return }
        do {
            _ = try additions.redactions(in: arguments, tape)
            // What a held call takes is taken when it is made.
            guard judgement.effect == .allow else { return }
            var allowances = Allowances()
            _ = try allowances.spend(additions, arguments: arguments, in: tape, now: 0)
        } catch {
            call.decision = .block(error)
        }
    }
}

extension JSONCanonicalError {
    fileprivate var token: String {
        switch self {
        case .integerTooLarge(let token), .inexactNumber(let token): token
        }
    }
}
