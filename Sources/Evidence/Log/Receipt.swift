public import StrictJSON

/// What is to be recorded. The log adds its number, and the session's.
public struct Receipt: Hashable, Sendable {
    public let kind: ReceiptKind
    /// When it was stated: nanoseconds since 1970.
    public let time: UInt64
    /// Canonical JSON of an object.
    public let body: [UInt8]
    /// nil for what belongs to no session.
    public let facts: SessionFacts?
    /// Where in the session's spool it stood; nil when the daemon states it itself.
    public let spoolNumber: UInt64?

    /// Canonical bytes of a body: room for the other members stays below the limit of one JSON document.
    static let bodyLimit = (1 << 20) - 1_024

    /// What the daemon states. The body may not be larger than a quarter of a MiB.
    public init(_ kind: ReceiptKind, time: UInt64, facts: SessionFacts?, body: JSONObject) throws(JSONCanonicalError) {
        self.kind = kind
        self.time = time
        self.facts = facts
        self.body = try JSON.object(body).canonical()
        spoolNumber = nil
    }

    /// What the gate stated in a spool, without what is to be kept besides; `body` is the frame's. nil when it has no canonical form.
    init?(_ frame: SpoolFrame, _ body: JSONObject, facts: SessionFacts) {
        var body = body
        if body[KeptContent.spooled] != nil { body[KeptContent.spooled] = nil }
        guard let canonical = try? JSON.object(body).canonical(), canonical.count <= Self.bodyLimit else { return nil }
        kind = frame.kind
        time = frame.time
        self.body = canonical
        self.facts = facts
        spoolNumber = frame.number
    }

    /// Arguments may be as deep, and have as many parts, as a message.
    static var frameLimits: JSONLimits {
        var limits = JSONLimits.standard
        limits.bytes = Spool.bodyLimit
        limits.depth += 1
        limits.members += 1_024
        return limits
    }

    /// What it says of how long its session is kept.
    var keep: Keep? {
        guard facts != nil, kind == .launch || kind == .refusal else { return nil }
        return Keep(kind, body: try? JSON(parsing: body))
    }
}
