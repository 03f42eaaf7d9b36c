extension Schema {
    /// Arguments are a digest: what was approved is nowhere to be read.
    static let grants = """
        CREATE TABLE call_grant (
            approval TEXT NOT NULL PRIMARY KEY,
            caller INTEGER NOT NULL,
            server TEXT NOT NULL,
            tool TEXT NOT NULL,
            arguments TEXT NOT NULL,
            policy TEXT NOT NULL,
            approver TEXT NOT NULL,
            -- seconds since 1970
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX call_grant_call ON call_grant (caller, arguments);
        """

    /// Whose call has used a grant, as long as it could be used still; empty for one that was taken back.
    static let usedGrants = """
        ALTER TABLE call_grant ADD COLUMN used_by TEXT;
        CREATE INDEX call_grant_use ON call_grant (used_by);
        """
}
