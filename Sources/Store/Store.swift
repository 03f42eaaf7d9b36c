import Descriptors

/// What outlives sessions and daemons: what was spent of day budgets, what servers said of themselves, who approved what.
///
/// One file, which the private daemons of one user share. Each topic is an extension in a file of its own, with its tables in `Schema`.
public final class Store {
    let database: Database

    /// Opens what lies in a directory of the daemon's own, made when it is missing.
    public init(directory: String) throws(StoreError) {
        do throws(Errno) { try WorkingDirectory().makeDirectory(directory, mode: 0o700) } catch {
            if error != .exists { throw StoreError(making: error) }
        }
        database = try Database(at: directory + "/sandboxd.sqlite", migrations: Schema.migrations)
    }

    /// Whether it can be written just now.
    public func probe() throws(StoreError) { try database.transaction { () throws(StoreError) in } }
}
