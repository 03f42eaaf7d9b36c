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
}
