import Descriptors
import Evidence
import Kernel
import StrictJSON

/// What an earlier daemon left: sessions that live are adopted through their keepers, the rest is killed, folded and removed.
extension Daemon {
    func adoptSessions() {
        for found in leftovers() { take(found) }
        removeForeignHomes()
        removeStrays()
    }

    /// Sessions that ended while the log took nothing are recorded once it does. Their uids were given back then, and may be others' by now.
    func closeLeftovers() {
        for var found in leftovers() {
            found.users = nil
            take(found)
        }
    }

    /// Sessions that have a record or a spool, and that this daemon does not have.
    private func leftovers() -> [SessionRecord] {
        var found: [SessionRecord] = []
        for name in names(in: state.sessions) where name.hasSuffix(".json") {
            let id = String(name.dropLast(".json".count))
            guard sessions[id] == nil else { continue }
            let bytes = (try? WorkingDirectory().contents(of: state.record(id), limit: 65_536)).flatMap { $0 }
            if let record = bytes.flatMap(SessionRecord.init(bytes:)) ?? unreadable(id) { found.append(record) }
        }
        // A record may be lost with the host where the spool is not.
        let known = Set(found.map(\.id))
        for id in Set(names(in: state.spools) + names(in: state.connections)) where sessions[id] == nil && !known.contains(id) {
            if let record = unreadable(id) { found.append(record) }
        }
        return found
    }

    /// A record that says nothing, or what this version does not read, leaves its name: enough to find the scope and the pins, and to end what is there.
    private func unreadable(_ id: String) -> SessionRecord? {
        record(.lifecycle, ["event": "unreadable-record", "name": .string(id)], nil)
        guard let tree else { return nil }
        let own = SessionScope(session: id, in: tree)
        // A service's sessions live in the service's cgroup.
        let scope = own.exists ? own : SessionScope.find(id, belowMount: tree.mount) ?? own
        let limits = ServerLimits.directories(session: id, scope: scope, controllers)
        var unread = SessionRecord(
            id: id, users: nil, scope: scope.directory, limits: limits, pins: state.pins(id), server: "", policy: "", plan: "", host: "")
        unread.isRead = false
        return unread
    }

    /// Homes are made while a session has no record yet.
    private func removeForeignHomes() {
        for name in names(in: state.homes) where sessions[name] == nil { Homes.remove(state.home(name)) }
    }

    /// What a daemon had begun to write, or to give back, when it died: files, sockets and pins of sessions that are none.
    private func removeStrays() {
        let spools = Set(names(in: state.spools) + names(in: state.connections))
        for path in [state.sessions, state.keepers] {
            for name in names(in: path) {
                let id = String(name.prefix { $0 != "." })
                // What waits for the log needs its record.
                guard sessions[id] == nil, !spools.contains(id) else { continue }
                try? WorkingDirectory().unlink(path + "/" + name)
            }
        }
        let kept = (try? commitmentKeys.sessions()) ?? []
        // Of one that the log has closed nobody knows here whether its gate stated anything.
        for session in kept where sessions[session] == nil && !spools.contains(session) && log.mayGoOn(session) {
            forgetUnusedKey(of: session)
        }
        for name in names(in: state.bpffs) where sessions[name] == nil && !spools.contains(name) && !name.contains(".") {
            EgressPrograms.remove(pins: state.pins(name))
        }
    }

    func names(in path: String) -> [String] {
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
