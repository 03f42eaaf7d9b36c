/// All in which PostgreSQL differs from SQLite, as far as statements and tables are concerned.
enum PostgresDialect {
    /// Seconds since 1970 by the database's clock, which all hosts share.
    static let now = "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)"

    /// The text with its places as `$1`. `hasClock`: the time is an argument like any other, as tests want it.
    static func text(_ statement: Statement, hasClock: Bool) -> String {
        var written = ""
        var rest = statement.text.utf8[...]
        while let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            written += String(rest[..<mark])!
            rest = rest[rest.index(after: mark)...]
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            // INVARIANT: each place has a number, and an argument.
            let number = Int(String(digits)!)!
            written += statement.arguments[number - 1] == .now && !hasClock ? now : "$\(number)"
        }
        return written + String(rest)!
    }

    /// A script of `Schema`. Texts are compared and ordered by their bytes, whatever the database's language.
    static func table(_ script: String) -> String {
        var written = script
        for (theirs, ours) in [
            (" STRICT, WITHOUT ROWID;", ";"), (" STRICT;", ";"), (" INTEGER", " BIGINT"), (" BLOB", " BYTEA"),
            (" TEXT", " TEXT COLLATE \"C\""),
        ] {
            written = written.replacing(theirs, with: ours)
        }
        return written
    }

    // MARK: Transactions

    static let begin = Statement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    static let commit = Statement("COMMIT")
    static let rollback = Statement("ROLLBACK")
    static let clock = Statement("SELECT \(now)")

    /// What keeps others out until the transaction's end: of the topic altogether, or those of the same user.
    static func locks(_ topic: Topic, _ exclusion: Exclusion) -> [Statement] {
        switch exclusion {
        case .nobody: []
        case .everybody: [Statement("SELECT pg_advisory_xact_lock(?1)", [.integer(lockBase + topic.rawValue)])]
        case .caller(let uid):
            [
                Statement("SELECT pg_advisory_xact_lock_shared(?1)", [.integer(lockBase + topic.rawValue)]),
                Statement(
                    "SELECT pg_advisory_xact_lock(CAST(?1 AS INTEGER), CAST(?2 AS INTEGER))",
                    [.integer(topic.rawValue), .integer(Int64(Int32(bitPattern: uid)))]),
            ]
        }
    }

    /// Locks of a database are numbers that all its users share; in ASCII this is `sandboxd`, and a version of the table below.
    static let lockBase: Int64 = 0x7361_6e64_626f_7864

    /// How a connection is set, whatever the server's settings: what is reported as done is on its disk; nobody who has stopped holds a lock for long.
    static let settings = """
        SET synchronous_commit TO on; SET default_transaction_isolation TO 'read committed'; SET statement_timeout TO 4000;
        SET lock_timeout TO 4000; SET idle_in_transaction_session_timeout TO 2000; SET standard_conforming_strings TO on
        """
}
