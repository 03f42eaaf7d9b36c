import Store

/// Opens the store when it is first needed, and anew after a fault that lasts: sessions that need none run without.
final class StoreKeeper {
    private let directory: String
    private var open: Store?

    init(directory: String) { self.directory = directory }

    /// Every use of the store passes through here.
    func use<Value>(_ body: (Store) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let store = try opened()
        do throws(StoreError) { return try body(store) } catch {
            if error.isLasting { open = nil }
            throw error
        }
    }

    /// Opens it before anybody needs it, so that a daemon costs the same from its start on. Why it cannot be opened, the first who needs it is told.
    func prepare() { _ = try? opened() }

    private func opened() throws(StoreError) -> Store {
        if let open { return open }
        let store = try Store(directory: directory)
        open = store
        return store
    }
}
