/// The limits of spools.
public enum Spool {
    /// The largest body, bytes: with arguments that are to be kept.
    public static let bodyLimit = KeptContent.limit + (256 << 10)
    /// When the spool is so far ahead of the log, calls are blocked.
    public static let lead = 64 << 20
    /// Each time that it is so much further ahead, the gate asks the daemon to fold it.
    public static let announcedLead = 8 << 20
}
