import Descriptors
import Store

/// Opens the store when it is first needed, and anew after a fault that lasts: sessions that need none run without.
final class StoreKeeper {
    private let directory: String
    private var open: Store?

    init(directory: String) { self.directory = directory }

    /// Performs it, and says what came of it: within this call, or later. Those of one topic are performed in their order. INVARIANT: whoever asks is prepared for
    /// either, and for that the world is another by then.
    func perform<Value>(_ transaction: Transaction<Value>, then: @escaping (Result<Value, StoreError>) -> Void) {
        then(Result { () throws(StoreError) in try answer(transaction) })
    }

    /// The same for what can be done for its own sake, and is tried once.
    func attempt(_ transaction: Transaction<Void>) { perform(transaction) { _ in } }

    /// Performs what is this host's own.
    func answer<Value>(_ transaction: Transaction<Value>) throws(StoreError) -> Value {
        try use { store throws(StoreError) in try store.answer(transaction) }
    }

    /// Whether it can be written just now.
    func probe() throws(StoreError) { try use { store throws(StoreError) in try store.probe() } }

    /// Opens it before anybody needs it, so that a daemon costs the same from its start on. Why it cannot be opened, the first who needs it is told.
    func prepare() { _ = try? opened() }

    /// Whether anything was ever kept: who only looks makes nothing.
    var isMade: Bool { open != nil || (try? WorkingDirectory().status(of: directory)) != nil }

    private func use<Value>(_ body: (Store) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let store = try opened()
        do throws(StoreError) { return try body(store) } catch {
            if error.isLasting { open = nil }
            throw error
        }
    }

    private func opened() throws(StoreError) -> Store {
        if let open { return open }
        let store = try Store(directory: directory)
        open = store
        return store
    }
}
