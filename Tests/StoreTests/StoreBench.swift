import EventLoop
import Synchronization
import TestSupport

@testable import Store

/// A store that tests use, by a clock of theirs.
final class StoreBench {
    private enum Kept {
        case sqlite(Store, ScratchDirectory)
        case postgres(SharedBench, database: String)
    }

    private let kept: Kept
    private let clock: BenchClock

    convenience init(_ kind: StoreKind) throws {
        let clock = BenchClock()
        switch kind {
        case .sqlite:
            let scratch = try ScratchDirectory()
            try self.init(.sqlite(Self.store(scratch, clock), scratch), clock)
        case .postgres:
            let database = try PostgresServer.shared.makeDatabase()
            try self.init(.postgres(SharedBench(database, now: { Int64(clock.seconds) }), database: database), clock)
        }
    }

    private init(_ kept: Kept, _ clock: BenchClock) { (self.kept, self.clock) = (kept, clock) }

    private static func store(_ scratch: ScratchDirectory, _ clock: BenchClock) throws -> Store {
        try Store(directory: scratch.path + "/store", clock: { clock.seconds * 1_000_000_000 })
    }

    /// One more process that uses the same store.
    func another() throws -> StoreBench {
        switch kept {
        case .sqlite(_, let scratch): try StoreBench(.sqlite(Self.store(scratch, clock), scratch), clock)
        case .postgres(_, let database):
            try StoreBench(.postgres(SharedBench(database, now: { [clock] in Int64(clock.seconds) }), database: database), clock)
        }
    }

    /// Seconds since 1970.
    var now: Int64 {
        get { Int64(clock.seconds) }
        set { clock.seconds = UInt64(newValue) }
    }

    /// One that was not said before.
    func nextNumber() -> Int64 { clock.count() }

    func answer<Value>(_ transaction: Transaction<Value>) throws(StoreError) -> Value {
        switch kept {
        case .sqlite(let store, _): try store.answer(transaction)
        case .postgres(let shared, _): try shared.answer(transaction)
        }
    }

    /// Writes past the store's own transactions.
    func run(_ text: String, _ arguments: [Argument] = []) throws(StoreError) {
        try answer(Transaction(.budgets, isRepeatable: false, Statement(text, arguments)) { _ throws(StoreError) in })
    }

    func number(_ text: String) throws(StoreError) -> Int64 {
        try answer(
            Transaction(.budgets, isRepeatable: false, Statement(text)) { findings throws(StoreError) in try findings.number(of: 0) })
    }
}

/// Seconds since 1970, as a test says.
final class BenchClock: Sendable {
    private let value = Mutex<UInt64>(0)
    private let counted = Mutex<Int64>(0)

    func count() -> Int64 {
        counted.withLock { counted in
            counted += 1
            return counted
        }
    }

    var seconds: UInt64 {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
