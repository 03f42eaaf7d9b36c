import Descriptors
import EventLoop
import Testing

@testable import Store

/// A shared store with a loop of its own, turned while somebody waits.
final class SharedBench {
    let loop: EventLoop
    let store: SharedStore
    private let told: Told

    private final class Told { var notices: [SharedStore.Notice] = [] }

    convenience init(_ database: String, now: (() -> Int64)? = nil) throws {
        try self.init(PostgresSettings(PostgresServer.shared.settings(for: database)), now: now)
    }

    init(_ settings: PostgresSettings, now: (() -> Int64)? = nil) throws {
        let loop = try EventLoop()
        self.loop = loop
        let told = Told()
        store = SharedStore(settings, in: loop, now: now, onNotice: { told.notices.append($0) })
        self.told = told
    }

    /// What its user was told of.
    var notices: [SharedStore.Notice] { told.notices }

    func answer<Value>(_ transaction: Transaction<Value>) throws(StoreError) -> Value {
        var result: Result<Value, StoreError>?
        store.perform(transaction) { result = $0 }
        turn { result != nil }
        guard let result else { throw .tooSlow }
        return try result.get()
    }

    /// How it is: why it cannot be used, if so; nil without a word.
    func examine() -> StoreError?? {
        var said: StoreError??
        store.examine { said = .some($0) }
        turn { said != nil }
        return said
    }

    /// Turns the loop until it holds, or nobody would wait any longer.
    func turn(seconds: UInt64 = 30, until holds: () -> Bool) {
        let end = Clock.monotonic + seconds * 1_000_000_000
        _ = loop.at(end) {}
        while !holds(), Clock.monotonic < end { try? loop.turn(waiting: true) }
    }
}
