public import EventLoop

/// The store that hosts share: a PostgreSQL database, over one connection in the daemon's loop. Nothing waits for it.
///
/// Transactions are performed one after another, in their order. Each is answered within `deadline`. One of which it is sure that nothing was kept, or which may be
/// repeated, is performed again on the next connection; of another, whose end was not heard, it says so.
public final class SharedStore {
    /// What its user may want to tell of.
    public enum Notice: Sendable, Hashable {
        case available
        /// `detail`: libpq's words.
        case unavailable(StoreError, detail: String)
    }

    /// Nanoseconds within which a transaction is answered: less than a gate waits for its daemon.
    static let deadline: UInt64 = 5_000_000_000
    /// Nanoseconds without a connection after which nothing is kept waiting for one.
    static let patience: UInt64 = 2_000_000_000
    /// Nanoseconds that whoever only asks waits.
    static let glance: UInt64 = 1_000_000_000
    /// Nanoseconds between two attempts to connect.
    static let pauses: ClosedRange<UInt64> = 50_000_000...2_000_000_000

    private let settings: PostgresSettings
    private let loop: EventLoop
    private let now: (() -> Int64)?
    private let onNotice: (Notice) -> Void

    private var connection: PostgresConnection?
    private var isReady = false
    /// Since when there is no connection.
    private var unreachableSince: UInt64?
    private var connectingSince: UInt64?
    private var pause = pauses.lowerBound
    private var outage: StoreError?
    /// What libpq said of the last connection that was of no use; nil where one is.
    public private(set) var detail: String?
    private var queue: [SharedJob] = []
    private var stage: Stage?
    private var timer: (token: TimerToken, due: UInt64)?

    /// How far the first of the queue has come.
    private enum Stage {
        /// Its first statements were sent.
        case asking
        /// Its changes were sent, with the end of the transaction.
        case changing
        /// It is taken back, and then fails, or is tried again.
        case abandoning(StoreError)
    }

    /// Begins to connect. `now`: the clock of a test, in seconds since 1970, in the place of the database's.
    public init(
        _ settings: PostgresSettings, in loop: EventLoop, now: (() -> Int64)? = nil, onNotice: @escaping (Notice) -> Void = { _ in }
    ) {
        (self.settings, self.loop, self.now, self.onNotice) = (settings, loop, now, onNotice)
        unreachableSince = loop.now
        connect()
    }

    /// Performs it, and says what came of it: within this call where the database is known to be out of reach, else later.
    public func perform<Value>(_ transaction: Transaction<Value>, then: @escaping (Result<Value, StoreError>) -> Void) {
        if let outage { return then(.failure(outage)) }
        queue.append(SharedJob(transaction, deadline: loop.now + Self.deadline, then))
        if queue.count == 1 { begin() }
        arm()
    }

    /// Asks whether it answers: why it does not, if so, within `glance`.
    public func examine(then: @escaping (StoreError?) -> Void) {
        var isTold = false
        var timer: TimerToken?
        let tell = { [loop] (fault: StoreError?) in
            guard !isTold else { return }
            isTold = true
            if let timer { loop.cancel(timer) }
            then(fault)
        }
        timer = loop.after(nanoseconds: Self.glance) {
            timer = nil
            tell(.unreachable)
        }
        let look = Transaction<Void>(.budgets, isRepeatable: true, Statement("SELECT 1")) { _ throws(StoreError) in }
        perform(look) { result in
            if case .failure(let error) = result { tell(error) } else { tell(nil) }
        }
    }

    // MARK: The connection

    private func connect() {
        guard connection == nil else { return }
        connectingSince = loop.now
        do throws(StoreError) {
            connection = try PostgresConnection(settings, in: loop, now: now) { [weak self] event in self?.hear(event) }
        } catch {
            lost(error, "")
        }
        arm()
    }

    private func hear(_ event: PostgresConnection.Event) {
        switch event {
        case .ready:
            (isReady, unreachableSince, connectingSince, detail) = (true, nil, nil, nil)
            if outage != nil { onNotice(.available) }
            outage = nil
            begin()
        case .answered(let answer):
            pause = Self.pauses.lowerBound
            answered(answer)
        case .lost(let error, let detail): lost(error, detail)
        }
        arm()
    }

    /// The connection is of no use: another takes its place, after a pause that grows.
    private func lost(_ error: StoreError, _ detail: String) {
        (connection, isReady, connectingSince, self.detail) = (nil, false, nil, detail)
        unreachableSince = unreachableSince ?? loop.now
        if let error = interrupted() { finish(.failure(error)) }
        // Waiting does not help against these.
        if error != .unreachable || isPastPatience { goDown(error, detail) }
        let wait = pause / 2 + UInt64.random(in: 0...pause / 2)
        pause = min(pause * 2, Self.pauses.upperBound)
        _ = loop.after(nanoseconds: wait) { [weak self] in self?.connect() }
    }

    /// Why the first of the queue cannot be tried again; nil where it can.
    private func interrupted() -> StoreError? {
        guard let stage, let job = queue.first else { return nil }
        self.stage = nil
        let mayBeDone = if case .changing = stage { true } else { job.endsAtOnce }
        return mayBeDone && !job.isRepeatable ? .uncertain : nil
    }

    private var isPastPatience: Bool { unreachableSince.map { $0 + Self.patience <= loop.now } ?? false }

    private func goDown(_ error: StoreError, _ detail: String) {
        if outage != error { onNotice(.unavailable(error, detail: detail)) }
        outage = error
        let waiting = queue
        queue.removeAll()
        for job in waiting { job.finish(.failure(error)) }
    }

    // MARK: Transactions

    private func begin() {
        while isReady, stage == nil, let job = queue.first, let connection {
            do throws(StoreError) {
                try connection.send(job.opening)
                stage = .asking
            } catch {
                finish(.failure(error))
            }
        }
    }

    private func answered(_ answer: Result<[[StoredRow]], StoreError>) {
        guard let stage, let job = queue.first else { return }
        switch (stage, answer) {
        case (.asking, .success(let rows)): decide(job, rows)
        case (.changing, .success): finish(.success(()))
        case (.abandoning(let error), .success): abandoned(job, error)
        case (.asking, .failure(let error)) where job.endsAtOnce: abandoned(job, error)
        case (.asking, .failure(let error)), (.changing, .failure(let error)): end(with: [PostgresDialect.rollback], .abandoning(error))
        case (.abandoning, .failure): drop()
        }
    }

    private func decide(_ job: SharedJob, _ rows: [[StoredRow]]) {
        do throws(StoreError) {
            let changes = try job.decide(rows, now: now?())
            if job.endsAtOnce { return finish(.success(())) }
            end(with: changes + [PostgresDialect.commit], .changing)
        } catch {
            if job.endsAtOnce { return finish(.failure(error)) }
            end(with: [PostgresDialect.rollback], .abandoning(error))
        }
    }

    private func end(with statements: [Statement], _ next: Stage) {
        do throws(StoreError) {
            stage = next
            try connection?.send(statements)
        } catch {
            // Nothing of it was sent; the transaction is still open.
            end(with: [PostgresDialect.rollback], .abandoning(error))
        }
    }

    private func abandoned(_ job: SharedJob, _ error: StoreError) {
        guard error.isConflict else { return finish(.failure(error)) }
        // Another was in the way: once more, as long as there is time.
        stage = nil
        begin()
    }

    private func finish(_ result: Result<Void, StoreError>) {
        stage = nil
        let job = queue.removeFirst()
        begin()
        job.finish(result)
    }

    // MARK: Time

    /// Gives the connection up, in whatever state it is.
    private func drop() {
        connection = nil
        lost(.unreachable, "no answer in time")
    }

    private func arm() {
        let dues = [
            queue.first?.deadline, connectingSince.map { $0 + Self.deadline },
            outage == nil ? unreachableSince.map { $0 + Self.patience } : nil,
        ]
        guard let due = dues.compactMap(\.self).min(), timer.map({ due < $0.due }) ?? true else { return }
        if let timer { loop.cancel(timer.token) }
        timer = (loop.at(due) { [weak self] in self?.timePassed() }, due)
    }

    private func timePassed() {
        timer = nil
        if let since = connectingSince, since + Self.deadline <= loop.now { drop() }
        if outage == nil, isPastPatience { goDown(.unreachable, detail.flatMap { $0.isEmpty ? nil : $0 } ?? "no connection") }
        if let job = queue.first, stage != nil, job.deadline <= loop.now {
            // What the server makes of it will not be heard.
            (connection, isReady) = (nil, false)
            finish(.failure(interrupted() ?? .unreachable))
            drop()
        }
        while let job = queue.first, job.deadline <= loop.now { finish(.failure(.unreachable)) }
        arm()
    }
}
