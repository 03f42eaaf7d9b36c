import CLinux

/// The clocks of the host, in nanoseconds. What decides takes a time as a value; only the thin outside asks here.
public enum Clock {
    /// `CLOCK_MONOTONIC`: for durations and deadlines; stands still while the host sleeps.
    public static var monotonic: UInt64 { clx_monotonic_nanoseconds() }

    /// `CLOCK_BOOTTIME`: the same, sleep included.
    public static var boottime: UInt64 { clx_boottime_nanoseconds() }

    /// `CLOCK_REALTIME`: since 1970, may jump.
    public static var realtime: UInt64 { clx_realtime_nanoseconds() }
}
