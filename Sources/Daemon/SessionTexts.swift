import ControlProtocol
import Evidence
import KernelPlan
import Layers
import Policy
import PolicyText
import StrictJSON

/// A session's policy on its way from bytes to a plan: every step is pure.
struct SessionTexts {
    let expanded: ExpandedPolicy
    /// The expanded policy's canonical form.
    let document: [UInt8]
    /// Its SHA-256.
    let digest: Digest

    let layers: SessionLayers
    /// The policy's, and the user that a layer asks for.
    let server: ServerClause

    /// Parses the policy and its includes, expands the variables, whose values depend on whose session it is. Of `layers` those apply that
    /// are about this policy and `user`, the caller's account. `argv`: what is to be started; nil where nothing is, or it runs already. Throws
    /// every reason.
    init(
        policy: NamedText, includes: [NamedText], argv: [String]?, layers: [LayerDraft], user: String?,
        variables: (ServerClause.User?) -> PolicyVariables
    ) throws(Refusal) {
        let sources = includes.map { ($0.name, PolicySource(name: $0.name, bytes: $0.bytes)) }
        let draft = try PolicyText.parse(
            PolicySource(name: policy.name, bytes: policy.bytes), includes: Dictionary(sources, uniquingKeysWith: { first, _ in first }))
        let applying = layers.applying(toPolicy: draft.name, user: user)
        let user = applying.user(over: draft.user)
        let values = variables(user)
        expanded = try draft.expanded(with: values)
        self.layers = try SessionLayers(applying, values)
        var server = expanded.server
        if user != server.user?.value { server.user = user.map { Located($0, at: SourceLocation(file: policy.name, line: 1, column: 1)) } }
        self.server = server
        if let argv, let command = expanded.server.command, !Self.isSame(command, argv) {
            throw Refusal(Reason(.commandGivenTwice, ["problem": "another command than `server.command` was given"]))
        }
        do { document = try expanded.document.canonical() } catch {
            throw Refusal(
                Reason(.badValue, ["place": "policy", "value": "a number", "expected": "numbers that canonical JSON carries exactly"]))
        }
        digest = SHA256.digest(document)
    }

    private static func isSame(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
