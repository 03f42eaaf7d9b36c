import Synchronization
import TestSupport

@testable import Store

/// A store that tests use, by a clock of theirs.
final class StoreBench {
    private let scratch: ScratchDirectory
    private let clock: BenchClock
    private let store: Store

    convenience init(_ kind: StoreKind) throws { try self.init(ScratchDirectory(), BenchClock()) }

    private init(_ scratch: ScratchDirectory, _ clock: BenchClock) throws {
        (self.scratch, self.clock) = (scratch, clock)
        store = try Store(directory: scratch.path + "/store", clock: { clock.seconds * 1_000_000_000 })
    }

    /// One more process that uses the same store.
    func another() throws -> StoreBench { try StoreBench(scratch, clock) }

    /// Seconds since 1970.
    var now: Int64 {
        get { Int64(clock.seconds) }
        set { clock.seconds = UInt64(newValue) }
    }

    /// One that was not said before.
    func nextNumber() -> Int64 { clock.count() }

    func answer<Value>(_ transaction: Transaction<Value>) throws(StoreError) -> Value { try store.answer(transaction) }

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
