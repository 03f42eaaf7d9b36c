import Policy
import PolicyText

/// A policy as far as calls need it: whatever the host, whether or not its paths are there, what is not enforced yet included.
struct JudgedPolicy {
    let texts: PolicyTexts
    let expanded: ExpandedPolicy
    /// What this version would refuse to hold (R120).
    let notEnforced: [Reason]
    /// `server.cwd`, or the caller's directory.
    let cwd: String

    init(_ texts: PolicyTexts, inputs: [String: String], _ environment: CallerEnvironment) throws(Refusal) {
        self.texts = texts
        let draft = try texts.draft(accepting: .everything)
        let variables = LocalPolicy.variables(draft, inputs: inputs, environment)
        expanded = try draft.expanded(with: variables)
        cwd = expanded.server.cwd?.value ?? variables.cwd
        notEnforced = Self.notEnforced(texts, variables)
    }

    private static func notEnforced(_ texts: PolicyTexts, _ variables: PolicyVariables) -> [Reason] {
        do throws(Refusal) {
            _ = try texts.draft().expanded(with: variables)
            return []
        } catch {
            return error.reasons.all
        }
    }
}
