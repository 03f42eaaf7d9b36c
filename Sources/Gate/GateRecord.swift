/// One receipt's body in a turn.
public struct GateRecord: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// What was done with one input.
        case decision
        /// What came of a forwarded call.
        case outcome
        /// A call waits for a person, or does so no longer.
        case hold
        /// What the kernel denied the server.
        case denial
        /// What the server says of one of its things is not what was accepted.
        case drift
        /// What the gate says of its own records.
        case lifecycle
    }

    public let kind: Kind
    /// Its number in the spool.
    public let number: UInt64
    /// Where it lies in the turn's bytes.
    public let range: Range<Int>
    /// How many inputs it decides about.
    let inputs: Int64
}
