extension ReceiptLog {
    /// Sessions of which more receipts may come, as far as the log knows.
    public var openSessions: Int { state.sessions.openCount }

    /// Whether more receipts of a session may come, as far as the log knows: it has some, and does not say that it was closed.
    public func mayGoOn(_ session: String) -> Bool { state.sessions.isOpen(session) }

    /// Those that can be closed, by name; `besides` says which are not over, or have something left.
    public func closable(besides isAwaited: (_ session: String) -> Bool) -> [String] {
        state.sessions.closable.filter { !isAwaited($0) }.sorted()
    }

    /// Says of sessions that no more receipts come of them. INVARIANT: none does.
    public func close(_ sessions: [String], time: UInt64) throws(LogError) {
        var rest = sessions[...]
        while !rest.isEmpty {
            let closed = ClosedSessions(Array(rest.prefix(ClosedSessions.limit)))
            // Identifiers, and not many: a body that has a canonical form.
            guard let receipt = try? Receipt(.lifecycle, time: time, facts: nil, body: closed.body) else { throw .broken }
            try append(receipt)
            state.sessions.close(closed)
            rest = rest.dropFirst(closed.names.count)
        }
    }
}
