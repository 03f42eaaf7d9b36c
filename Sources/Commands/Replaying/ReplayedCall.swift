import Decision
import Policy
import StrictJSON

/// What a policy comes to for a recorded call.
struct ReplayedCall: Sendable, Hashable {
    enum Verdict: Sendable, Hashable {
        /// As it was decided then.
        case same
        /// Decided otherwise; more than one word where it depends on arguments that are not known, and each of them is another.
        case different([String])
        /// It depends on the arguments.
        case open
        /// No rules decided it then.
        case notByRules(String)
    }

    let call: RecordedCall
    let verdict: Verdict
    /// The rule that now decides, or those that depend on the arguments.
    let rules: [NamedRule]
    /// One sentence; nil where nothing differs.
    let text: String?

    /// A rule, or a default, and where it stands.
    struct NamedRule: Sendable, Hashable {
        let id: RuleID
        let location: SourceLocation?

        var words: String {
            let place = location.map { " (\(Escaping.line($0.file)):\($0.line))" } ?? ""
            return DecisionWords.document(id) + place
        }

        var json: JSON {
            [
                "rule": .string(id.text), "layer": id.layer.map(JSON.string) ?? .null,
                "file": location.map { .string($0.file) } ?? .null, "line": location.map { JSON($0.line) } ?? .null,
            ]
        }
    }
}
