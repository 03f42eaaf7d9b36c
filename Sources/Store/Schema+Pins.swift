extension Schema {
    /// Definitions are bytes, so that their sizes are known without reading them.
    static let pins = """
        CREATE TABLE pin (
            caller INTEGER NOT NULL,
            policy TEXT NOT NULL,
            server TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            accepted BLOB,
            -- seconds since 1970, and the uid of whoever accepted it: null when it was the first that was seen
            accepted_at INTEGER,
            accepted_by INTEGER,
            -- what was told instead, until somebody reviews it
            told BLOB,
            told_at INTEGER,
            -- somebody has reviewed it, and does not want it
            rejected INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (caller, policy, server, kind, name)
        ) STRICT;
        """
}
