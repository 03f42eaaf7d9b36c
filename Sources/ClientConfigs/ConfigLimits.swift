/// How large a configuration may be. Claude Code keeps a history in its own, which grows to megabytes.
public enum ConfigLimits {
    public static let bytes = 16 << 20
    public static let depth = 64
    public static let values = 500_000
}
