/// A transaction that waits for the shared store, or is performed, without its type.
struct SharedJob {
    let isRepeatable: Bool
    /// It is one batch, which ends by itself.
    let endsAtOnce: Bool
    /// What is sent first.
    let opening: [Statement]
    /// Monotonic nanoseconds.
    let deadline: UInt64
    private let topic: Topic
    private let exclusion: Exclusion
    private let decision: (Findings) throws(StoreError) -> [Statement]
    let finish: (Result<Void, StoreError>) -> Void

    init<Value>(_ transaction: Transaction<Value>, deadline: UInt64, _ then: @escaping (Result<Value, StoreError>) -> Void) {
        var value: Value?
        self.deadline = deadline
        isRepeatable = transaction.isRepeatable
        (topic, exclusion) = (transaction.topic, transaction.exclusion)
        endsAtOnce = exclusion == .nobody
        opening =
            (endsAtOnce ? [] : [PostgresDialect.begin]) + PostgresDialect.locks(topic, exclusion) + [PostgresDialect.clock]
            + transaction.first
        decision = { findings throws(StoreError) in
            let decided = try transaction.decide(findings)
            value = decided.value
            return decided.changes
        }
        finish = { result in
            switch result {
            case .success: then(value.map { .success($0) } ?? .failure(.corrupt))
            case .failure(let error): then(.failure(error))
            }
        }
    }

    /// What is changed, by what was found. `now`: a test's.
    func decide(_ rows: [[StoredRow]], now: Int64?) throws(StoreError) -> [Statement] {
        let before = (endsAtOnce ? 0 : 1) + PostgresDialect.locks(topic, exclusion).count
        guard rows.count == opening.count, let clock = rows[before].first else { throw .corrupt }
        let time = try clock.integer(0)
        return try decision(Findings(now: now ?? time, rows: Array(rows[(before + 1)...])))
    }
}
