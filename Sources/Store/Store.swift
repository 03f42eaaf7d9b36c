public import Descriptors

/// What outlives sessions and daemons: what was spent of day budgets, what servers said of themselves, who approved what.
///
/// One file, which the private daemons of one user share. What can be asked of it are the transactions, each topic's in a file of its own, with its
/// tables in `Schema`.
public final class Store {
    let database: Database
    /// Nanoseconds since 1970.
    private let clock: () -> UInt64

    /// Opens what lies in a directory of the daemon's own, made when it is missing.
    public init(directory: String, clock: @escaping () -> UInt64 = { Clock.realtime }) throws(StoreError) {
        do throws(Errno) { try WorkingDirectory().makeDirectory(directory, mode: 0o700) } catch {
            if error != .exists { throw StoreError(making: error) }
        }
        self.clock = clock
        database = try Database(at: directory + "/sandboxd.sqlite", migrations: Schema.migrations)
    }

    /// Performs it: it is on the disk, or nothing of it is.
    public func answer<Value>(_ transaction: Transaction<Value>) throws(StoreError) -> Value {
        let now = Int64(clock() / 1_000_000_000)
        if transaction.exclusion == .nobody { return try answer(transaction, now) }
        return try database.transaction { () throws(StoreError) in try answer(transaction, now) }
    }

    private func answer<Value>(_ transaction: Transaction<Value>, _ now: Int64) throws(StoreError) -> Value {
        var rows: [[StoredRow]] = []
        for statement in transaction.first { rows.append(try database.rows(of: statement, now: now)) }
        let (value, changes) = try transaction.decide(Findings(now: now, rows: rows))
        for statement in changes { _ = try database.rows(of: statement, now: now) }
        return value
    }

    /// Whether it can be written just now.
    public func probe() throws(StoreError) { try database.transaction { () throws(StoreError) in } }
}
