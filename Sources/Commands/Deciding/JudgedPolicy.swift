import Decision
import Layers
import Policy
import PolicyText

/// A policy as far as calls and messages need it: whatever the host, whether or not its paths are there, what is not enforced yet included.
struct JudgedPolicy {
    let texts: PolicyTexts
    let expanded: ExpandedPolicy
    /// The rules of those that apply.
    let layers: [LayeredRules.Layer]
    /// What it and they say of messages.
    let messages: MessageRules
    /// What this version would refuse to hold (R120).
    let notEnforced: [Reason]
    /// `server.cwd`, or the caller's directory.
    let cwd: String

    init(_ texts: PolicyTexts, inputs: [String: String], _ environment: CallerEnvironment) throws(Refusal) {
        self.texts = texts
        let draft = try texts.draft(accepting: .everything)
        let drafts = try texts.layers.drafts(for: draft.name, accepting: .everything)
        let variables = LocalPolicy.variables(drafts.user(over: draft.user), inputs: inputs, environment)
        expanded = try draft.expanded(with: variables)
        let tightening = try SessionLayers(drafts, variables).entries.map(\.layer)
        layers = tightening.map { LayeredRules.Layer(name: $0.name, tools: $0.tools) }
        messages = MessageRules(policy: expanded.messages, layers: tightening.map { .init(name: $0.name, messages: $0.messages) })
        cwd = expanded.server.cwd?.value ?? variables.cwd
        notEnforced = Self.notEnforced(texts, variables)
    }

    private static func notEnforced(_ texts: PolicyTexts, _ variables: PolicyVariables) -> [Reason] {
        do throws(Refusal) {
            let draft = try texts.draft()
            _ = try draft.expanded(with: variables)
            _ = try SessionLayers(try texts.layers.drafts(for: draft.name), variables)
            return []
        } catch {
            return error.reasons.all
        }
    }
}
