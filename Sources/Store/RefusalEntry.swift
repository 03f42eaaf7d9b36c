/// The refusals ledger's word on one policy of one caller.
///
/// **An entry is a policy's name and a caller**, and where several hosts share a ledger the host: no host opens, resolves or drives out another's. What it was refused for is a *finding*: the digest of the policy as expanded (of its texts where it
/// cannot be), the reasons with their positions, and the digest of the host profile. The same finding again raises counts and `lastSeen` and
/// nothing else; another finding is one more line of the same entry's history, so that whoever reviews it sees what was tried before.
///
/// | state | the same finding again | another finding | the policy is exact | it is closed |
/// |---|---|---|---|---|
/// | `open` | `open`, counted | `open` | `resolved` | `closed` |
/// | `closed` | `closed`, counted | `open`: *reopened* | `resolved` | `closed` |
/// | `resolved` | `open`: *reopened* | `open`: *reopened* | `resolved` | `closed` |
///
/// * **Closing is a remark, with who and why. It permits nothing**: no launch and no check reads the ledger. It covers the findings that the entry
///   has; a changed policy, changed reasons or a changed host are another finding, and reopen it. So does a finding so old that it was forgotten.
/// * **Resolved**: since it was refused last, a policy of this name was launched for this caller, or checked by the daemon itself, and was
///   exact. Whatever made it so: its text, the host, a layer, another input.
///
/// **Bounds.** Of what has none of its own, the oldest that is closed or resolved makes room; where all are open, nothing more is kept of a refusal than
/// its receipt, and `omitted` counts it. The text of a policy that finds no room is left out of its entry, and its name and size stay.
public struct RefusalEntry: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case open
        case closed
        case resolved
    }

    public var id: String
    public var caller: UInt32
    public var policy: String
    /// Whose it is; empty in a ledger of one host's own.
    public var hostName: String
    public var state: State
    /// Seconds since 1970.
    public var firstSeen: Int64
    public var lastSeen: Int64
    /// Refusals, of all findings.
    public var times: Int64
    /// Of what was found last.
    public var codes: [String]

    /// What a policy was refused for.
    public struct Finding: Sendable, Hashable {
        /// Of what follows, in hex.
        public var identity: String
        /// SHA-256, in hex.
        public var subject: String
        public var isExpanded: Bool
        /// SHA-256 of the host profile, in hex.
        public var host: String
        /// A JSON array.
        public var reasons: [UInt8]
        /// Reasons beyond what is kept.
        public var reasonsLeftOut: Int64
        /// A JSON object: digests of layers by name.
        public var layers: [UInt8]
        public var stage: RefusedPolicy.Stage
        public var firstSeen: Int64
        public var lastSeen: Int64
        public var times: Int64
        public var firstReceipt: RefusedPolicy.Receipt?
        public var lastReceipt: RefusedPolicy.Receipt?
    }

    /// What happened to an entry.
    public struct Event: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Another finding.
            case refused
            /// The same, after it was closed or resolved.
            case reopened
            case noted
            case closed
            case resolved
        }

        public var kind: Kind
        public var time: Int64
        /// The uid of whoever did it.
        public var author: Int64?
        /// Of whoever did it; where nobody did, what was another.
        public var words: String?
    }

    /// In the order in which they came.
    struct NumberedEvent: Sendable, Hashable {
        var number: Int64
        var event: Event
    }

    /// An entry with all that is kept of it.
    public struct Whole: Sendable, Hashable {
        public var entry: RefusalEntry
        /// The one that was seen last comes first.
        public var findings: [Finding]
        /// The oldest first.
        public var events: [Event]
        /// Of the first finding.
        public var documents: [RefusedPolicy.Document]
        /// Of the first finding, canonical; `nil` where it is not kept any more.
        public var host: [UInt8]?
    }
}
