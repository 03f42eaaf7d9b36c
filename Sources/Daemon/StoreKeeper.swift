import Descriptors
import Glibc
import Store

/// Opens the store when it is first needed, and anew after a fault that lasts: sessions that need none run without.
final class StoreKeeper {
    private let directory: String
    private var open: Store?
    /// What several hosts share; nil where this one keeps all for itself.
    private var shared: SharedStore?
    /// Which of these hosts this is; nil where none shares.
    private(set) var sharingHost: LedgerHost?

    init(directory: String) { self.directory = directory }

    /// What the service manager hands over (systemd.exec(5), LoadCredential=) that says how the store is reached which hosts share.
    static let credentialName = "sandboxd-store"

    /// Its path; nil where there is none. Where it cannot be looked at, whoever reads it says so.
    static var credential: String? {
        guard let directory = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }) else { return nil }
        let path = directory + "/" + credentialName
        do throws(Errno) {
            _ = try WorkingDirectory().status(of: path)
            return path
        } catch {
            return error == .noEntry ? nil : path
        }
    }

    /// From here on what hosts share is kept there. INVARIANT: nobody has asked for any of it.
    func share(_ store: SharedStore, as host: LedgerHost) { (shared, sharingHost) = (store, host) }

    /// Whether what hosts share is kept elsewhere, and may be out of reach while all else goes on.
    var isShared: Bool { shared != nil }

    /// Performs it, and says what came of it: within this call, or later. Those of one topic are performed in their order. INVARIANT: whoever asks is prepared for
    /// either, and for that the world is another by then.
    func perform<Value>(_ transaction: Transaction<Value>, then: @escaping (Result<Value, StoreError>) -> Void) {
        if let shared, transaction.topic.isShared { return shared.perform(transaction, then: then) }
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

    /// What is known of the connection that is wanting. It may name the database and its user.
    var detail: String? { shared?.detail }

    /// Why what is kept cannot be used just now, if so: said within this call, or a little later.
    func examine(then: @escaping (StoreError?) -> Void) {
        if let shared { return shared.examine(then: then) }
        guard isMade else { return then(nil) }
        do throws(StoreError) {
            try probe()
            then(nil)
        } catch {
            then(error)
        }
    }

    /// Opens it before anybody needs it, so that a daemon costs the same from its start on. Why it cannot be opened, the first who needs it is told.
    func prepare() { _ = try? opened() }

    /// Whether anything may have been kept: who only looks makes nothing.
    var isMade: Bool { isShared || open != nil || (try? WorkingDirectory().status(of: directory)) != nil }

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
