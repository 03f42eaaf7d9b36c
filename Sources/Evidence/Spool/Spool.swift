/// The limits of spools.
public enum Spool {
    /// The largest body, bytes.
    public static let bodyLimit = 256 << 10
    /// When the spool is so far ahead of the log, calls are blocked.
    public static let lead = 64 << 20
}
