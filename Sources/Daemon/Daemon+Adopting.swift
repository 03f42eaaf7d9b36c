import Descriptors
import Evidence
import Kernel

/// What an earlier daemon left: sessions that live are adopted through their keepers, the rest is killed, folded and removed.
extension Daemon {
    func adoptSessions() {
        guard let directory = try? WorkingDirectory().open(state.sessions, [.read, .directory]), let names = try? directory.names() else {
            return
        }
        for name in names.map({ String(decoding: $0, as: UTF8.self) }) where name.hasSuffix(".json") {
            guard let bytes = try? directory.contents(of: name, limit: 65_536), let record = SessionRecord(bytes: bytes) else { continue }
            take(record)
        }
        removeForeignHomes()
    }

    /// Homes are made while a session has no record yet.
    private func removeForeignHomes() {
        guard let directory = try? WorkingDirectory().open(state.homes, [.read, .directory]), let names = try? directory.names() else {
            return
        }
        for name in names.map({ String(decoding: $0, as: UTF8.self) }) where sessions[name] == nil { Homes.remove(state.home(name)) }
    }

    private func take(_ record: SessionRecord) {
        guard let facts = record.facts, let session = Session(adopting: record, facts: facts, daemon: self) else { return }
        sessions[record.id] = session
        if let slot = record.slot { users.adopt(slot: slot) }
        session.adopt()
    }
}
