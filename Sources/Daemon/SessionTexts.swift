import ControlProtocol
import Evidence
import KernelPlan
import Policy
import PolicyText
import StrictJSON

/// A session's policy on its way from bytes to a plan: every step is pure.
struct SessionTexts {
    let expanded: ExpandedPolicy
    /// SHA-256 of the expanded policy's canonical form.
    let digest: Digest

    /// Parses the policy and its includes, expands the variables, whose values depend on whose session it is. Throws every reason.
    init(
        policy: NamedText, includes: [NamedText], argv: [String], variables: (ServerClause.User?) -> PolicyVariables
    ) throws(Refusal) {
        let sources = includes.map { ($0.name, PolicySource(name: $0.name, bytes: $0.bytes)) }
        let draft = try PolicyText.parse(
            PolicySource(name: policy.name, bytes: policy.bytes), includes: Dictionary(sources, uniquingKeysWith: { first, _ in first }))
        expanded = try draft.expanded(with: variables(draft.user))
        if let command = expanded.server.command, !Self.isSame(command, argv) {
            throw Refusal(Reason(.commandGivenTwice, ["problem": "another command than `server.command` was given"]))
        }
        do { digest = SHA256.digest(try expanded.document.canonical()) } catch {
            throw Refusal(
                Reason(.badValue, ["place": "policy", "value": "a number", "expected": "numbers that canonical JSON carries exactly"]))
        }
    }

    private static func isSame(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
