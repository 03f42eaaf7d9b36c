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
        // A record may be lost with the host where the spool is not.
        for name in self.names(in: state.spools) where sessions[name] == nil { if let found = unreadable(name) { take(found) } }
        removeForeignHomes()
        removeStrays()
    }

    /// A record that says nothing leaves its name: enough to find the scope and the pins, and to end what is there.
    private func unreadable(_ id: String) -> SessionRecord? {
        record(.lifecycle, ["event": "unreadable-record", "name": .string(id)], nil)
        guard let tree else { return nil }
        let scope = SessionScope(session: id, in: tree)
        let limits = ServerLimits.directories(session: id, scope: scope, controllers)
        return SessionRecord(
            id: id, users: nil, scope: scope.directory, limits: limits, pins: state.pins(id), server: "", policy: "", plan: "", host: "")
    }

    /// Homes are made while a session has no record yet.
    private func removeForeignHomes() {
        for name in names(in: state.homes) where sessions[name] == nil { Homes.remove(state.home(name)) }
    }

    /// What a daemon had begun to write, or to give back, when it died: files, sockets and pins of sessions that are none.
    private func removeStrays() {
        for path in [state.sessions, state.keepers] {
            for name in names(in: path) where sessions[String(name.prefix { $0 != "." })] == nil {
                try? WorkingDirectory().unlink(path + "/" + name)
            }
        }
        for session in (try? commitmentKeys.sessions()) ?? [] where sessions[session] == nil { forgetUnusedKey(of: session) }
        for name in names(in: state.bpffs) where sessions[name] == nil && !name.contains(".") {
            EgressPrograms.remove(pins: state.pins(name))
        }
    }

    private func names(in path: String) -> [String] {
        let names = try? WorkingDirectory().open(path, [.read, .directory]).names()
        return (names ?? []).map { String(decoding: $0, as: UTF8.self) }
    }

    private func take(_ record: SessionRecord) {
        guard let facts = record.facts, let session = Session(adopting: record, facts: facts, daemon: self) else { return }
        sessions[record.id] = session
        if let held = record.users { users.adopt(held) }
        session.adopt()
    }
}
