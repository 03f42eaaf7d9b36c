extension Policy {
    /// What both policies permit, of everything that the kernel holds; `tools` and `messages` are this one's. Both say what they permit in full
    /// (`spelledOut`).
    ///
    /// INVARIANT: exact, and so permits no more than either. Errors: R128 for each clause whose intersection cannot be written down.
    public func intersected(with other: Policy) throws(Refusal) -> Policy {
        try tightened(by: [Layer(name: other.name, location: other.location, clauses: other.clauses)])
    }

    /// The same policy with every clause whose absence permits nothing, or means a default, written out: what a layer would have to say to
    /// permit no more. `user` and `approvers`: what their absence means to the session.
    public func spelledOut(user: ServerClause.User, approvers: [ApprovalsClause.Approver]) -> Policy {
        var policy = self
        policy.clauses = clauses.spelledOut(user: user, approvers: approvers, at: location)
        return policy
    }
}

extension Clauses {
    fileprivate func spelledOut(user: ServerClause.User, approvers: [ApprovalsClause.Approver], at place: SourceLocation) -> Clauses {
        var clauses = self
        clauses.server.user = server.user ?? Located(user, at: place)
        clauses.egress.tcp = egress.tcp ?? Located(.none, at: place)
        clauses.egress.udp = egress.udp ?? Located(.none, at: place)
        clauses.egress.unix = egress.unix ?? Located(.none, at: place)
        clauses.egress.dns = egress.dns ?? Located(.none, at: place)
        clauses.egress.names = egress.names ?? Located(.none, at: place)
        clauses.ingress.tcp = ingress.tcp ?? Located(.none, at: place)
        clauses.files = files.spelledOut(at: place)
        clauses.processes.spawn = processes.spawn ?? Located(.none, at: place)
        clauses.evidence.arguments = evidence.arguments ?? Located(.commitment, at: place)
        clauses.evidence.durability = evidence.durability ?? Located(.process, at: place)
        clauses.evidence.keep = evidence.keep ?? Located(.forever, at: place)
        clauses.approvals.by = approvals.by ?? approvers.map { Located($0, at: place) }
        clauses.approvals.within = approvals.within ?? Located(ApprovalsClause.defaultWithin, at: place)
        clauses.approvals.wait = approvals.wait ?? Located(ApprovalsClause.defaultWait, at: place)
        return clauses
    }
}

extension FilesClause {
    fileprivate func spelledOut(at place: SourceLocation) -> FilesClause {
        FilesClause(
            read: readable, write: writable, execute: executable, metadata: metadata ?? Located(.none, at: place),
            protect: Located(protection, at: protect?.location ?? place), tmp: tmp ?? Located(.none, at: place),
            proc: proc ?? Located(.none, at: place))
    }
}
