import CLinux

/// How many descriptors the daemon may have: some for each session.
enum OpenFiles {
    /// Raises the limit to what the host permits (setrlimit(2)). What it starts gets limits of its own. Where it cannot be raised, launches fail
    /// once there is no room, and say so.
    static func raise() {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        guard clx_get_limit(CLX_RLIMIT_NOFILE, &soft, &hard) == 0, soft < hard else { return }
        _ = clx_set_limit(CLX_RLIMIT_NOFILE, hard, hard)
    }
}
