extension Schema {
    /// Sums are decimals as text: SQLite's own numbers would round.
    static let budgets = """
        CREATE TABLE day_budget (
            caller INTEGER NOT NULL,
            -- 'policy' or 'layer', and its name
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            budget TEXT NOT NULL,
            -- days since 1970-01-01, UTC
            day INTEGER NOT NULL,
            spent TEXT NOT NULL,
            -- the limit of whoever spent last
            most TEXT NOT NULL,
            PRIMARY KEY (caller, owner, name, budget)
        ) STRICT, WITHOUT ROWID;
        """

    /// What was taken for calls whose gates may not know it yet: a daemon that dies behind the commit has told nobody.
    static let leases = """
        CREATE TABLE budget_lease (
            session TEXT NOT NULL,
            -- the call's own within its session
            lease INTEGER NOT NULL,
            day INTEGER NOT NULL,
            PRIMARY KEY (session, lease)
        ) STRICT, WITHOUT ROWID;
        """
}
