import Descriptors
import Evidence
import Kernel
import StrictJSON

/// What an earlier daemon left: sessions that live are adopted through their keepers, the rest is killed, folded and removed.
extension Daemon {
    func adoptSessions() {
        guard let directory = try? WorkingDirectory().open(state.sessions, [.read, .directory]), let names = try? directory.names() else {
            return
        }
        for name in names.map({ String(decoding: $0, as: UTF8.self) }) where name.hasSuffix(".json") {
            let bytes = try? directory.contents(of: name, limit: 65_536)
            guard let found = bytes.flatMap(SessionRecord.init(bytes:)) ?? unreadable(String(name.dropLast(".json".count))) else {
                continue
            }
            take(found)
        }
        removeForeignHomes()
    }

    /// A record that says nothing leaves its name: enough to find the scope and the pins, and to end what is there.
    private func unreadable(_ id: String) -> SessionRecord? {
        record(.lifecycle, ["event": "unreadable-record", "name": .string(id)], nil)
        guard let tree else { return nil }
        let scope = SessionScope(session: id, in: tree)
        let limits = ServerLimits.directories(session: id, scope: scope, controllers)
        return SessionRecord(id: id, slot: nil, scope: scope.directory, limits: limits, pins: state.pins(id), server: "", policy: "", plan: "", host: "")
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
