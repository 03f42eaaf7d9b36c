import Decision
import Policy
import StrictJSON

/// What the gate would do with one call, and why.
struct JudgedCall: Sendable, Hashable {
    var tool: String
    var decision = Decision.block(.noRuleApplies(layer: nil))
    /// `nil` where the call was blocked before a rule was asked.
    var judgement: Judgement?
    /// What came of each rule that names the tool.
    var accounts: [RuleAccount] = []
    /// What is wrong with the call itself, in more words than its reason has.
    private(set) var fault: String?

    init(tool: String) { self.tool = tool }

    mutating func blocked(_ reason: BlockReason, _ fault: String) -> JudgedCall {
        decision = .block(reason)
        self.fault = fault
        return self
    }

    /// `forward`, `hold` or `block`.
    var word: String {
        switch decision {
        case .forward: "forward"
        case .hold: "hold"
        case .block: "block"
        }
    }

    var isForwarded: Bool { if case .forward = decision { true } else { false } }

    var reason: BlockReason? { if case .block(let reason) = decision { reason } else { nil } }

    /// What decided; `nil` where no rule and no default was asked.
    var by: RuleID? { judgement?.by }

    /// One sentence: what happens, by what.
    var text: String {
        switch decision {
        case .forward(let rule): "\(DecisionWords.document(rule)) allows it"
        case .hold(let rule): "\(DecisionWords.document(rule)) asks a person first"
        case .block(let reason): fault ?? DecisionWords.words(reason, tool: tool, mayMatter: accounts.contains { !$0.applies })
        }
    }
}
