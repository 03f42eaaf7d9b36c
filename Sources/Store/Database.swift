import CSQLite
import Descriptors
import Glibc

/// One SQLite file, used by one thread of this process, and perhaps by other processes. Every call ends in a bounded time.
///
/// What a call reports as done is on the disk: write-ahead log, `synchronous=FULL`.
public final class Database {
    private let handle: OpaquePointer
    private let deadline: Deadline
    private var statements: [String: OpaquePointer] = [:]
    private var isInTransaction = false

    /// Milliseconds that another process may keep it locked; each of ours does so for the time of one small transaction.
    static let patience: Int32 = 1_000
    /// Nanoseconds that a call may take besides.
    static let longest: UInt64 = 2_000_000_000
    /// Bytes that a store may have.
    static let sizeLimit = 1 << 28

    /// Opens the file, and makes it (0600) where it is missing. `migrations`: scripts, of which those that the file has not seen are run;
    /// a file that has seen more is left alone.
    public init(at path: String, migrations: [String]) throws(StoreError) {
        try Self.makeFile(path)
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE
        let result = sqlite3_open_v2(path, &handle, flags, nil)
        guard result == SQLITE_OK, let handle else {
            sqlite3_close_v2(handle)
            throw StoreError(code: result)
        }
        self.handle = handle
        deadline = Deadline()
        deadline.watch(handle)
        guard sqlite3_db_readonly(handle, "main") == 0 else { throw .readOnly }
        sqlite3_busy_timeout(handle, Self.patience)
        try setUp()
        try migrate(migrations)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// SQLite would follow what lies there, and make what is missing by the umask.
    private static func makeFile(_ path: String) throws(StoreError) {
        do throws(Errno) {
            let status = try WorkingDirectory().status(of: path, followingLinks: false)
            let isOurs = status.isRegularFile && status.links == 1 && status.owner == geteuid() && status.permissions & 0o077 == 0
            if !isOurs { throw .exists }
        } catch {
            guard error == .noEntry else { throw error == .exists ? .notOurs : StoreError(making: error) }
            do throws(Errno) {
                _ = try WorkingDirectory().open(path, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
            } catch {
                // Another process may have been quicker.
                if error != .exists { throw StoreError(making: error) }
            }
        }
    }

    private func setUp() throws(StoreError) {
        deadline.begin()
        try execute("PRAGMA trusted_schema=OFF")
        try execute("PRAGMA cell_size_check=ON")
        try execute("PRAGMA cache_size=-512")
        try execute("PRAGMA temp_store=MEMORY")
        // Several processes may open a new file at once; SQLite does not wait for this lock.
        try retryingWhileBusy { () throws(StoreError) in try execute("PRAGMA journal_mode=WAL") }
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA wal_autocheckpoint=100")
        try execute("PRAGMA journal_size_limit=1048576")
        let pageSize = try single("PRAGMA page_size")
        guard pageSize > 0 else { throw .corrupt }
        try execute("PRAGMA max_page_count=\(Int64(Self.sizeLimit) / pageSize)")
    }

    private func migrate(_ migrations: [String]) throws(StoreError) {
        guard try version() != migrations.count else { return }
        try transaction { () throws(StoreError) in
            let seen = try version()
            guard seen <= migrations.count else { throw .newer(version: seen) }
            guard seen >= 0 else { throw .corrupt }
            for script in migrations[Int(seen)...] { try execute(script) }
            try execute("PRAGMA user_version=\(migrations.count)")
        }
    }

    private func version() throws(StoreError) -> Int64 { try single("PRAGMA user_version") }

    private func single(_ sql: String) throws(StoreError) -> Int64 {
        let found = try rows(sql) { (row) throws(StoreError) in try row.integer(0) }
        guard found.count == 1 else { throw .corrupt }
        return found[0]
    }

    private func retryingWhileBusy(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        let end = Clock.monotonic + UInt64(Self.patience) * 1_000_000
        while true {
            do throws(StoreError) { return try body() } catch {
                guard error == .busy, Clock.monotonic < end else { throw error }
                sqlite3_sleep(5)
            }
        }
    }

    // MARK: Asking

    /// All of it is done, or nothing. Nobody else writes meanwhile.
    public func transaction<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        precondition(!isInTransaction, "a transaction within a transaction")
        deadline.begin()
        try execute("BEGIN IMMEDIATE")
        isInTransaction = true
        defer { isInTransaction = false }
        do throws(StoreError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // Some errors have rolled it back already.
            if sqlite3_get_autocommit(handle) == 0 {
                deadline.begin()
                try? execute("ROLLBACK")
            }
            throw error
        }
    }

    /// Runs one statement that answers nothing; how many rows it changed.
    @discardableResult
    public func run(_ sql: String, _ values: [StoredValue] = []) throws(StoreError) -> Int {
        _ = try rows(sql, values) { _ throws(StoreError) in }
        return Int(sqlite3_changes(handle))
    }

    /// Runs one statement; its answer.
    func rows(of statement: Statement, now: Int64) throws(StoreError) -> [StoredRow] {
        let values = statement.arguments.map { if case .value(let value) = $0 { value } else { StoredValue.integer(now) } }
        return try rows(statement.text, values) { (row) throws(StoreError) in row }
    }

    /// What `read` makes of each row of the answer.
    public func rows<Value>(
        _ sql: String, _ values: [StoredValue] = [], read: (StoredRow) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        if !isInTransaction { deadline.begin() }
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        try bind(values, to: statement)
        var found: [Value] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: found.append(try read(try StoredRow(statement)))
            case SQLITE_DONE: return found
            case let code: throw StoreError(code: code)
            }
        }
    }

    /// Compiled once; the texts are constants of this program, and so few.
    private func prepared(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let known = statements[sql] { return known }
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else { throw StoreError(code: result) }
        statements[sql] = statement
        return statement
    }

    private func bind(_ values: [StoredValue], to statement: OpaquePointer) throws(StoreError) {
        precondition(values.count == Int(sqlite3_bind_parameter_count(statement)), "as many values as places")
        for (index, value) in values.enumerated() {
            let result = Self.bind(value, to: statement, Int32(index + 1))
            guard result == SQLITE_OK else { throw StoreError(code: result) }
        }
    }

    private static func bind(_ value: StoredValue, to statement: OpaquePointer, _ place: Int32) -> Int32 {
        // SQLITE_TRANSIENT, a cast that Swift does not import: SQLite makes a copy.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(statement, place)
        case .integer(let integer): return sqlite3_bind_int64(statement, place, integer)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { chars in
                    // A null pointer would be NULL, not the empty text.
                    guard let start = chars.baseAddress else { return sqlite3_bind_text(statement, place, "", 0, copied) }
                    return sqlite3_bind_text(statement, place, start, Int32(chars.count), copied)
                }
            }
        case .bytes(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, place, 0) }
            return sqlite3_bind_blob(statement, place, bytes, Int32(bytes.count), copied)
        }
    }

    /// Statements that are not kept, and answer nothing that matters.
    private func execute(_ script: String) throws(StoreError) {
        let result = sqlite3_exec(handle, script, nil, nil, nil)
        guard result == SQLITE_OK else { throw StoreError(code: result) }
    }
}
