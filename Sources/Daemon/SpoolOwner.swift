import Evidence

/// Who states what becomes receipts of a session. Each has a spool and numbers of its own.
enum SpoolOwner: String, Sendable, Hashable, CaseIterable {
    case gate, proxy

    /// Under what its receipts stand in the log.
    func facts(_ facts: SessionFacts) -> SessionFacts {
        switch self {
        case .gate: return facts
        case .proxy:
            var own = SessionFacts(session: facts.session + SessionFacts.proxySuffix) ?? facts
            (own.policy, own.plan, own.host) = (facts.policy, facts.plan, facts.host)
            return own
        }
    }
}

extension StateDirectory {
    func spool(_ session: String, of owner: SpoolOwner) -> String {
        switch owner {
        case .gate: spool(session)
        case .proxy: connectionSpool(session)
        }
    }
}
