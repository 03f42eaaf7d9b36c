extension Schema {
    static let refusals = """
        CREATE TABLE refusal (
            -- of caller and policy
            id TEXT NOT NULL PRIMARY KEY,
            caller INTEGER NOT NULL,
            policy TEXT NOT NULL,
            -- 'open', 'closed' or 'resolved'
            state TEXT NOT NULL,
            -- seconds since 1970
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            times INTEGER NOT NULL,
            -- of the finding that was seen last: each code once
            codes TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX refusal_caller ON refusal (caller, id);
        CREATE TABLE refusal_finding (
            refusal TEXT NOT NULL,
            -- of subject, reasons and host
            identity TEXT NOT NULL,
            -- what the reasons are against: the digest of the policy as expanded, or of its texts
            subject TEXT NOT NULL,
            expanded INTEGER NOT NULL,
            host TEXT NOT NULL,
            -- as JSON, and how many more there were
            reasons TEXT NOT NULL,
            left_out INTEGER NOT NULL,
            -- digests of the layers that reasons stand in, as JSON
            layers TEXT NOT NULL,
            -- where it was seen last: 'check' or 'launch'
            stage TEXT NOT NULL,
            -- which refusal of the entry that was
            turn INTEGER NOT NULL,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            times INTEGER NOT NULL,
            -- the log that has the receipts, and their numbers there
            first_log TEXT,
            first_receipt INTEGER,
            last_log TEXT,
            last_receipt INTEGER,
            PRIMARY KEY (refusal, identity)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE refusal_event (
            refusal TEXT NOT NULL,
            number INTEGER NOT NULL,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            -- the uid of whoever did it; null where nobody did
            author INTEGER,
            words TEXT,
            PRIMARY KEY (refusal, number)
        ) STRICT, WITHOUT ROWID;
        -- of the finding that was seen last
        CREATE TABLE refusal_document (
            refusal TEXT NOT NULL,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            -- null where it was left out
            content BLOB,
            PRIMARY KEY (refusal, place)
        ) STRICT;
        CREATE TABLE refusal_host (
            digest TEXT NOT NULL PRIMARY KEY,
            profile BLOB NOT NULL
        ) STRICT;
        -- refusals that there was no room for
        CREATE TABLE refusal_omitted (
            caller INTEGER NOT NULL PRIMARY KEY,
            times INTEGER NOT NULL,
            last_seen INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Whose an entry is, where several hosts share the ledger; empty where one has it for itself.
    static let refusingHosts = """
        ALTER TABLE refusal ADD COLUMN host_name TEXT NOT NULL DEFAULT '';
        CREATE INDEX refusal_of_host ON refusal (host_name, caller);
        -- refusals that there was no room for
        CREATE TABLE refusal_left_out (
            caller INTEGER NOT NULL,
            host_name TEXT NOT NULL,
            times INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            PRIMARY KEY (caller, host_name)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO refusal_left_out (caller, host_name, times, last_seen) SELECT caller, '', times, last_seen FROM refusal_omitted;
        DROP TABLE refusal_omitted;
        """
}
