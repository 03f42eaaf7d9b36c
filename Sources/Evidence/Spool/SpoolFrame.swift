import StrictJSON

/// One statement in a spool: what the gate saw or did, numbered and dated by the gate.
public struct SpoolFrame: Hashable, Sendable {
    public let kind: ReceiptKind
    /// From 1, without gaps.
    public let number: UInt64
    /// Nanoseconds since 1970, by the gate's reading of the clock.
    public let time: UInt64
    /// JSON of an object, as the gate wrote it: not yet judged.
    public let body: [UInt8]
    /// Where the frame lies in the spool.
    public let range: Range<Int>

    /// Its body; nil where that is no object of JSON.
    var object: JSONObject? { (try? JSON(parsing: body, limits: Receipt.frameLimits))?.object }

    /// The arguments that are to be kept of it, in canonical JSON; nil for most.
    var content: [UInt8]? {
        guard kind == .decision, body.withUnsafeBytes({ KeptContent.states($0, "{") }) else { return nil }
        return try? (try? JSON(parsing: body, limits: Receipt.frameLimits))?[KeptContent.spooled]?.canonical()
    }
}
