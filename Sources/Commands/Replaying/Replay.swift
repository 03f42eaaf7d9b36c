import Decision
import Policy
import PolicyText
import StrictJSON

/// Judges recorded calls by another policy: as the gate would where the arguments are known, else by what no arguments can change.
struct Replay: ~Copyable {
    private var judge: CallJudge
    private let rules: LayeredRules
    /// Where each rule stands.
    private let places: [RuleID: SourceLocation]

    init(_ policy: JudgedPolicy) throws(Refusal) {
        let expanded = policy.expanded
        let rules = try CallJudge.compiled(expanded.tools, layers: policy.layers, at: expanded.location, cwd: policy.cwd)
        let judge = try CallJudge(expanded.tools, layers: policy.layers, at: expanded.location, cwd: policy.cwd)
        self.judge = judge
        self.rules = rules
        places = Self.places(policy)
    }

    private static func places(_ policy: JudgedPolicy) -> [RuleID: SourceLocation] {
        var places: [RuleID: SourceLocation] = [.default: policy.expanded.location]
        for rule in policy.expanded.tools.rules { places[.rule(rule.id)] = rule.location }
        for layer in policy.layers {
            for rule in layer.tools.rules { places[.rule(rule.id, layer: layer.name)] = rule.location }
        }
        return places
    }

    mutating func replay(_ call: RecordedCall) -> ReplayedCall {
        if let reason = call.otherReason { return ReplayedCall(call: call, verdict: .notByRules(reason), rules: [], text: nil) }
        switch call.arguments {
        case .kept(let bytes): return judged(call, bytes)
        case .none: return judged(call, Array("{}".utf8))
        case .unknown: return possible(call)
        }
    }

    private mutating func judged(_ call: RecordedCall, _ arguments: [UInt8]) -> ReplayedCall {
        let places = places
        let now = judge.judge(tool: Array(call.tool.utf8), arguments: arguments)
        let rules = now.by.map { [ReplayedCall.NamedRule(id: $0, location: places[$0])] } ?? []
        if now.word == call.outcome.word { return ReplayedCall(call: call, verdict: .same, rules: rules, text: nil) }
        return ReplayedCall(call: call, verdict: .different([now.word]), rules: rules, text: now.text)
    }

    private func possible(_ call: RecordedCall) -> ReplayedCall {
        let places = places
        let now = rules.possibleJudgements(Array(call.tool.utf8))
        let open = now.open.map { ReplayedCall.NamedRule(id: $0, location: places[$0]) }
        if let sure = now.sure {
            let word = Self.word(sure.effect)
            let rules = sure.by.map { [ReplayedCall.NamedRule(id: $0, location: places[$0])] } ?? open
            if word == call.outcome.word { return ReplayedCall(call: call, verdict: .same, rules: rules, text: nil) }
            let what = sure.by.map { Self.text(sure.effect, $0) } ?? "whatever its arguments are"
            return ReplayedCall(call: call, verdict: .different([word]), rules: rules, text: what)
        }
        let words = ["forward", "hold", "block"].filter { word in now.effects.contains { Self.word($0) == word } }
        if words.contains(call.outcome.word) { return ReplayedCall(call: call, verdict: .open, rules: open, text: nil) }
        return ReplayedCall(call: call, verdict: .different(words), rules: open, text: "which of them depends on its arguments")
    }

    private static func word(_ effect: Effect) -> String {
        switch effect {
        case .allow: "forward"
        case .ask: "hold"
        case .deny: "block"
        }
    }

    private static func text(_ effect: Effect, _ rule: RuleID) -> String {
        switch effect {
        case .allow: "\(DecisionWords.document(rule)) allows it"
        case .ask: "\(DecisionWords.document(rule)) asks a person first"
        case .deny: "\(DecisionWords.document(rule)) denies it"
        }
    }
}
