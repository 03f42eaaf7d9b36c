import CPostgres
import Descriptors
import EventLoop

/// One connection to the database, in the daemon's loop. It never waits, and never begins anew: whoever has it replaces it.
final class PostgresConnection {
    /// What is told, each time from the loop.
    enum Event {
        /// It is set up, and takes statements.
        case ready
        /// The statements of a batch were performed, or one of them was not: the rest are without effect then.
        case answered(Result<[[StoredRow]], StoreError>)
        /// It is of no use any more.
        case lost(StoreError, detail: String)
    }

    private enum State {
        case connecting
        case settingUp(PostgresSetup)
        case ready
        case lost
    }

    private let library: PostgresLibrary
    private let handle: OpaquePointer
    private let loop: EventLoop
    private let now: (() -> Int64)?
    private let onEvent: (Event) -> Void
    private var state = State.connecting
    private var registration: Registration?
    /// The socket under a number of our own: libpq closes its number when it likes.
    private var socket: OwnedDescriptor?
    private var batch: Batch?

    /// What has come of the statements that were sent together.
    private struct Batch {
        let sent: Int
        /// The last of them ends a transaction and keeps what it did.
        let commits: Bool
        var answers: [[StoredRow]] = []
        private(set) var error: StoreError?

        /// The first error is the reason of the others.
        mutating func fail(_ reason: StoreError) { error = error ?? reason }
    }

    /// Begins to connect. `now`: the clock of a test, in seconds.
    init(
        _ settings: PostgresSettings, in loop: EventLoop, now: (() -> Int64)? = nil, onEvent: @escaping (Event) -> Void
    ) throws(StoreError) {
        (library, self.loop, self.now, self.onEvent) = (settings.libpq, loop, now, onEvent)
        guard let handle = settings.connect() else { throw .unreachable }
        self.handle = handle
        cpq_silence(library.pointer, handle)
        // Before anything is asked of it, it waits to write.
        if library.pq.status(handle) == CPQ_CONNECTION_BAD || !watch(for: .writable) { later() }
    }

    deinit {
        unwatch()
        library.pq.finish(handle)
    }

    /// It will be told from the loop, like all else.
    private func later() {
        _ = loop.after(nanoseconds: 0) { [weak self] in self?.lose(.unreachable) }
    }

    // MARK: The socket

    private func watch(for interest: Interest) -> Bool {
        unwatch()
        let number = library.pq.socket(handle)
        guard number >= 0, let copy = try? BorrowedDescriptor(number).duplicate() else { return false }
        registration = try? loop.register(copy.number, for: interest) { [weak self] _ in self?.move() }
        socket = consume copy
        return registration != nil
    }

    private func unwatch() {
        if let registration { loop.remove(registration) }
        registration = nil
        socket = nil
    }

    private func move() {
        switch state {
        case .connecting: connect()
        case .settingUp, .ready: exchange()
        case .lost: break
        }
    }

    /// `detail`: where libpq has no words for it.
    private func lose(_ error: StoreError, _ detail: String? = nil) {
        if case .lost = state { return }
        state = .lost
        unwatch()
        let said = detail ?? String(cString: library.pq.error_message(handle))
        let line = said.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        onEvent(.lost(error, detail: String(line.prefix(200))))
    }

    /// in_failed_sql_transaction
    private static let failedTransaction = "25P02"

    // MARK: Connecting

    private func connect() {
        switch Int(library.pq.connect_poll(handle)) {
        case CPQ_POLLING_READING: if !watch(for: .readable) { lose(.unreachable) }
        case CPQ_POLLING_WRITING: if !watch(for: .writable) { lose(.unreachable) }
        case CPQ_POLLING_OK: setUp()
        default: lose(.unreachable)
        }
    }

    private func setUp() {
        guard watch(for: .readable), library.pq.set_nonblocking(handle, 1) == 0 else { return lose(.unreachable) }
        let encoding = library.pq.parameter_status(handle, "server_encoding").map { String(cString: $0) }
        guard encoding == "UTF8" else { return lose(.unsuited) }
        guard library.pq.server_version(handle) >= 130_000 else { return lose(.unsuited) }
        let setup = PostgresSetup()
        state = .settingUp(setup)
        ask(setup.first)
    }

    /// One of the scripts that set it up.
    private func ask(_ script: String) {
        guard library.pq.send_query(handle, script) == 1 else { return lose(.unreachable) }
        flush()
    }

    /// A script was answered: what is next.
    private func proceed(_ setup: PostgresSetup, _ answer: PostgresSetup.Answer) {
        switch setup.next(after: answer) {
        case .ask(let script, let next):
            state = .settingUp(next)
            ask(script)
        case .done:
            guard library.pq.enter_pipeline(handle) == 1 else { return lose(.unreachable) }
            state = .ready
            onEvent(.ready)
        case .failed(let error): lose(error)
        }
    }

    // MARK: Asking

    /// Sends statements together. INVARIANT: it is ready, and the last were answered.
    func send(_ statements: [Statement]) throws(StoreError) {
        precondition(batch == nil, "one batch at a time")
        let now = now?()
        var prepared: [(String, PostgresArguments)] = []
        for one in statements {
            prepared.append((PostgresDialect.text(one, hasClock: now != nil), try PostgresArguments(one.arguments, now: now)))
        }
        batch = Batch(sent: statements.count, commits: statements.last == PostgresDialect.commit)
        let isSent = prepared.allSatisfy { text, arguments in arguments.send(text, on: handle, library) }
        // Told from the loop: whoever asks is not ready to hear of it.
        guard isSent, library.pq.pipeline_sync(handle) == 1, library.pq.flush(handle) >= 0 else { return later() }
        loop.change(registration!, to: [.readable, .writable])
    }

    private func flush() {
        let left = library.pq.flush(handle)
        guard left >= 0 else { return lose(.unreachable) }
        if let registration { loop.change(registration, to: left == 0 ? .readable : [.readable, .writable]) }
    }

    private func exchange() {
        guard library.pq.consume_input(handle) == 1 else { return lose(.unreachable) }
        flush()
        switch state {
        case .settingUp(let setup): hear(setup)
        case .ready: hear()
        case .connecting, .lost: break
        }
    }

    private func hear(_ setup: PostgresSetup) {
        var answer = setup.answer
        while library.pq.is_busy(handle) == 0 {
            guard let result = library.pq.get_result(handle) else { return proceed(setup, answer) }
            answer.add(library, result)
            library.pq.clear(result)
        }
        state = .settingUp(setup.hearing(answer))
    }

    private func hear() {
        var silent = 0
        while batch != nil, library.pq.is_busy(handle) == 0 {
            guard let result = library.pq.get_result(handle) else {
                // Between the answers of two statements there is nothing, once.
                silent += 1
                if silent > 1 { return lose(.unreachable) }
                continue
            }
            silent = 0
            take(result)
            library.pq.clear(result)
        }
        if library.pq.status(handle) != CPQ_CONNECTION_OK { lose(.unreachable) }
    }

    private func take(_ result: OpaquePointer) {
        switch Int(library.pq.result_status(result)) {
        case CPQ_PIPELINE_SYNC:
            guard let done = batch.take() else { return }
            // Whoever answers less than it was asked, or more, has not done what we believe.
            guard done.error != nil || done.answers.count == done.sent else {
                return lose(.unreachable, "the database answered otherwise than it was asked")
            }
            onEvent(.answered(done.error.map { .failure($0) } ?? .success(done.answers)))
        case CPQ_COMMAND_OK, CPQ_TUPLES_OK: keep(result)
        case CPQ_PIPELINE_ABORTED: break
        default: batch?.fail(StoreError(library, result))
        }
    }

    private func keep(_ result: OpaquePointer) {
        guard let current = batch else { return }
        // A transaction that is not whole any more is taken back at its COMMIT, without an error.
        if current.commits, current.answers.count == current.sent - 1, String(cString: library.pq.command_tag(result)) != "COMMIT" {
            batch?.fail(.sql(Self.failedTransaction))
            return
        }
        do throws(StoreError) {
            var rows: [StoredRow] = []
            for row in 0..<library.pq.row_count(result) { rows.append(try StoredRow(library, result, row: row)) }
            batch?.answers.append(rows)
        } catch {
            batch?.fail(error)
        }
    }
}
