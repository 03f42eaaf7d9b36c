/// What a session's programs have counted (`struct egress_counters`). Verdicts depend on none of it.
public struct DenialCounters: Sendable, Hashable {
    public var denied: UInt64
    /// Denials that found the ring buffer full.
    public var lost: UInt64
    /// Packets of others that no socket of the session got.
    public var unheard: UInt64

    public init(denied: UInt64, lost: UInt64, unheard: UInt64) {
        self.denied = denied
        self.lost = lost
        self.unheard = unheard
    }
}
