import Decision
import Evidence
import StrictJSON

/// A tool call as a log has it, and what was decided of it then.
struct RecordedCall: Sendable, Hashable {
    /// What a log says of the arguments.
    enum Arguments: Sendable, Hashable {
        case kept([UInt8])
        /// The receipt commits to an empty object, which whoever has the session's key can tell.
        case none
        case unknown(Unknown)
    }

    /// Why they are not known.
    enum Unknown: String, Sendable, Hashable, CaseIterable {
        /// The policy of that time did not say `evidence: {arguments: full}`.
        case notKept = "not-kept"
        /// A rule masked some of them before they were kept.
        case masked
        /// They were kept, and are not there any more, or are in another place.
        case missing
    }

    /// What was decided.
    struct Outcome: Sendable, Hashable {
        /// `forward`, `hold` or `block`.
        let word: String
        let rule: String?
        let layer: String?
        /// The code of a block's reason.
        let reason: String?
    }

    let number: UInt64
    let time: String
    let session: String
    let server: String?
    let tool: String
    let outcome: Outcome
    let arguments: Arguments

    /// Why another policy would decide it no otherwise: what blocked it were no rules. nil where they decided.
    var otherReason: String? {
        guard let reason = outcome.reason, !Self.reasonsOfRules.contains(reason) else { return nil }
        return reason
    }

    private static let reasonsOfRules: Set<String> = Set(
        [BlockCode.noRuleApplies, .deniedByRule, .cannotAsk].map(\.rawValue))
}
