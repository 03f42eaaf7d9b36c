/// What time it is for retention. What was removed early never comes back, and nothing on a host says whether its clock is right; so a clock that
/// jumps ahead while this process runs is believed only as far as time has passed, and an hour.
public struct RetentionClock: Sendable {
    private let realtime: UInt64
    private let boottime: UInt64

    private static let tolerance: UInt64 = 3_600_000_000_000

    /// Both in nanoseconds, as they are when the process begins.
    public init(realtime: UInt64, boottime: UInt64) {
        self.realtime = realtime
        self.boottime = boottime
    }

    /// Nanoseconds since 1970; a clock that was set back is believed.
    public func now(realtime now: UInt64, boottime: UInt64) -> UInt64 {
        min(now, realtime + (boottime - min(boottime, self.boottime)) + Self.tolerance)
    }
}
