import CPostgres

/// What a new connection is asked before it is used: its settings, and whether the tables are those of this version. A value; each step says what is next.
struct PostgresSetup {
    private enum Step { case settings, version, locking, migrating }

    enum Next {
        case ask(String, PostgresSetup)
        case done
        case failed(StoreError)
    }

    /// What was answered to one script, as far as it has come.
    struct Answer {
        var error: StoreError?
        /// Of the last row of the last answer.
        var last: String?

        mutating func add(_ library: PostgresLibrary, _ result: OpaquePointer) {
            let status = Int(library.pq.result_status(result))
            guard status == CPQ_TUPLES_OK || status == CPQ_COMMAND_OK else {
                error = error ?? StoreError(library, result)
                return
            }
            let row = library.pq.row_count(result) - 1
            guard status == CPQ_TUPLES_OK, library.pq.column_count(result) == 1 else { return }
            last = row < 0 || library.pq.is_null(result, row, 0) == 1 ? nil : String(cString: library.pq.value(result, row, 0))
        }
    }

    private var step = Step.settings
    private(set) var answer = Answer()

    var first: String { PostgresDialect.settings }

    func hearing(_ answer: Answer) -> PostgresSetup {
        var setup = self
        setup.answer = answer
        return setup
    }

    func next(after answer: Answer) -> Next {
        switch (step, answer.error) {
        case (.settings, nil): ask(Self.version, .version)
        // There is no such table yet.
        case (.version, .sql(Self.undefinedTable)?): ask(Self.lock, .locking)
        case (.version, nil): isCurrent(answer) ? .done : behind(answer) { ask(Self.lock, .locking) }
        case (.locking, nil):
            isCurrent(answer) ? ask("COMMIT", .migrating) : behind(answer) { ask(Self.migration(from: answer.seen), .migrating) }
        case (.migrating, nil): .done
        case (_, let error?): .failed(error)
        }
    }

    private func ask(_ script: String, _ step: Step) -> Next {
        var next = PostgresSetup()
        next.step = step
        return .ask(script, next)
    }

    private func isCurrent(_ answer: Answer) -> Bool { answer.seen == Schema.migrations.count }

    /// A later sandboxd's tables are left alone.
    private func behind(_ answer: Answer, _ migrate: () -> Next) -> Next {
        switch answer.seen {
        case ..<0: .failed(.corrupt)
        case ..<Schema.migrations.count: migrate()
        default: .failed(.newer(version: Int64(answer.seen)))
        }
    }

    // MARK: Scripts

    private static let undefinedTable = "42P01"
    private static let version = "SELECT max(version) FROM sandboxd_schema"

    /// Of several daemons that find old tables one makes them new, and the others see it when they have the lock.
    private static let lock = """
        BEGIN; SELECT pg_advisory_xact_lock(\(PostgresDialect.lockBase)); CREATE TABLE IF NOT EXISTS sandboxd_schema (version BIGINT NOT NULL); \(version)
        """

    private static func migration(from seen: Int) -> String {
        let scripts = Schema.migrations[seen...].map(PostgresDialect.table).joined(separator: "\n")
        return "\(scripts)\nDELETE FROM sandboxd_schema; INSERT INTO sandboxd_schema (version) VALUES (\(Schema.migrations.count)); COMMIT"
    }
}

extension PostgresSetup.Answer {
    /// So many migrations were made; -1 for what is no number.
    fileprivate var seen: Int { last.map { Int($0) ?? -1 } ?? 0 }
}
