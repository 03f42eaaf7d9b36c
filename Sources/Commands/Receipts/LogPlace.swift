/// Where logs lie, in words.
enum LogPlace {
    static let paragraph = """
        PATH is the directory of a log: `evidence` below the daemon's state (/var/lib/sandboxd/evidence unless it was started
        with another), or `sessions/SESSION/evidence` below ~/.local/state/sandboxd for a session of a private daemon.
        """

    static let help =
        "name the directory of a log, e.g. /var/lib/sandboxd/evidence; `sandboxctl receipts verify --help` says where they lie"
}
