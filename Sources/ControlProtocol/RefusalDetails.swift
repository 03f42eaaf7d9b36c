public import Policy
public import StrictJSON

/// One entry of the ledger of refusals, with all that is kept of it.
public struct RefusalDetails: Sendable, Hashable {
    /// Where a refusal is recorded.
    public struct Receipt: Sendable, Hashable {
        public var log: String
        public var number: Int64

        public init(log: String, number: Int64) {
            self.log = log
            self.number = number
        }
    }

    /// What the policy was refused for.
    public struct Finding: Sendable, Hashable {
        public enum Stage: String, Sendable, Hashable { case check, launch }

        /// SHA-256, in hex, of the policy as expanded, or of its texts.
        public var subject: String
        public var isExpanded: Bool
        /// SHA-256 of the host profile, in hex.
        public var host: String
        public var reasons: [Reason]
        /// Reasons beyond these.
        public var leftOut: Int64
        /// SHA-256, in hex, of the layers that reasons stand in, by the name that positions carry.
        public var layers: [String: String]
        public var stage: Stage
        public var times: Int64
        /// Seconds since 1970.
        public var firstSeen: Int64
        public var lastSeen: Int64
        public var firstReceipt: Receipt?
        public var lastReceipt: Receipt?

        public init(
            subject: String, isExpanded: Bool, host: String, reasons: [Reason], leftOut: Int64, layers: [String: String], stage: Stage,
            times: Int64, firstSeen: Int64, lastSeen: Int64, firstReceipt: Receipt?, lastReceipt: Receipt?
        ) {
            self.subject = subject
            self.isExpanded = isExpanded
            self.host = host
            self.reasons = reasons
            self.leftOut = leftOut
            self.layers = layers
            self.stage = stage
            self.times = times
            self.firstSeen = firstSeen
            self.lastSeen = lastSeen
            self.firstReceipt = firstReceipt
            self.lastReceipt = lastReceipt
        }
    }

    /// What happened to it.
    public struct Event: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable, CaseIterable { case refused, reopened, noted, closed, resolved }

        public var kind: Kind
        public var time: Int64
        /// The uid of whoever did it.
        public var author: Int64?
        public var words: String?

        public init(kind: Kind, time: Int64, author: Int64?, words: String?) {
            self.kind = kind
            self.time = time
            self.author = author
            self.words = words
        }
    }

    /// A text as it came.
    public struct Document: Sendable, Hashable {
        /// That positions carry.
        public var name: String
        public var size: Int64
        /// `nil` where there was no room for it.
        public var bytes: [UInt8]?

        public init(name: String, size: Int64, bytes: [UInt8]?) {
            self.name = name
            self.size = size
            self.bytes = bytes
        }
    }

    public var summary: RefusalSummary
    /// The last one comes first.
    public var findings: [Finding]
    /// The oldest first.
    public var events: [Event]
    /// Of the first finding.
    public var documents: [Document]
    /// Of the first finding.
    public var host: JSON?

    public init(summary: RefusalSummary, findings: [Finding], events: [Event], documents: [Document], host: JSON?) {
        self.summary = summary
        self.findings = findings
        self.events = events
        self.documents = documents
        self.host = host
    }
}
