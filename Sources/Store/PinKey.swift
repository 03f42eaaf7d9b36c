import Evidence
import StrictJSON

/// Whose servers' definitions are held to what was accepted of them.
public struct PinOwner: Sendable, Hashable {
    /// The uid for whom sessions run.
    public var caller: UInt32
    /// The policy's name.
    public var policy: String
    /// The server's: `--name`, or the last component of its command.
    public var server: String

    public init(caller: UInt32, policy: String, server: String) {
        self.caller = caller
        self.policy = policy
        self.server = server
    }
}

/// One thing that a server says something of.
public struct PinKey: Sendable, Hashable {
    public var owner: PinOwner
    /// `tool` and the like, as the gate says it.
    public var kind: String
    public var name: String

    public init(_ owner: PinOwner, kind: String, name: String) {
        self.owner = owner
        self.kind = kind
        self.name = name
    }
}

/// What is kept of one thing. Definitions are canonical JSON (RFC 8785), whole.
public struct Pin: Sendable, Hashable {
    public var key: PinKey
    public var accepted: [UInt8]?
    /// Seconds since 1970.
    public var acceptedAt: Int64?
    /// The uid of whoever accepted it; nil when it was the first that was seen.
    public var acceptedBy: Int64?
    /// What was told instead, and is not reviewed, or is rejected.
    public var told: [UInt8]?
    public var toldAt: Int64?
    public var isRejected: Bool

    public init(
        key: PinKey, accepted: [UInt8]? = nil, acceptedAt: Int64? = nil, acceptedBy: Int64? = nil, told: [UInt8]? = nil,
        toldAt: Int64? = nil,
        isRejected: Bool = false
    ) {
        self.key = key
        self.accepted = accepted
        self.acceptedAt = acceptedAt
        self.acceptedBy = acceptedBy
        self.told = told
        self.toldAt = toldAt
        self.isRejected = isRejected
    }

    /// Somebody has looked at what is accepted.
    public var isReviewed: Bool { acceptedBy != nil }

    /// It is quarantined until somebody reviews it.
    public var awaitsReview: Bool { told != nil && !isRejected }

    /// Names the pin together with what is to be reviewed: another definition has another.
    public var id: String {
        let owner = key.owner
        let json: JSON = [
            JSON(Int(owner.caller)), .string(owner.policy), .string(owner.server), .string(key.kind), .string(key.name),
            .string(SHA256.digest(told ?? accepted ?? []).hex),
        ]
        return String(SHA256.digest(json.encoded()).hex.prefix(Self.idLength))
    }

    public static let idLength = 16
}
