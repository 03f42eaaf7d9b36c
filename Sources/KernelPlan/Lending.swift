import Policy

/// What a session's own user can use only as its owner, the caller, may: granted directories of the caller's that ordinary permissions close to
/// it. Each is a mount of the session's own, in which the caller's files are the session's.
struct Lending {
    /// None lies in another.
    let roots: [PathFacts]
    private let owner: Subject

    /// `nil` where the session's user is the caller, or nobody lends.
    init?(_ policy: Policy, _ launch: LaunchFacts) {
        let caller = launch.caller
        let asksForSession = (policy.server.user?.value ?? (caller.uid == 0 ? .session : .caller)) == .session
        // What root owns stays root's.
        guard asksForSession, caller.uid != 0, caller.gid != 0 else { return nil }
        let session = Subject.session(launch.sessionUID)
        let written = policy.files.writable.map(\.found)
        var lent: [PathFacts] = []
        for (facts, isWritten) in written.map({ ($0, true) }) + policy.files.readable.map({ ($0.found, false) }) {
            guard facts.kind == .directory, facts.owner == caller.uid, facts.group == caller.gid else { continue }
            guard let closed = session.obstacle(to: facts, read: true, write: isWritten)?.component, closed.isSame(as: facts.resolved)
            else {
                continue
            }
            // A mount cannot be renamed or removed, which a grant above it would permit.
            guard !written.contains(where: { facts.resolved.isBelow($0.resolved) }) else { continue }
            if !lent.contains(where: { $0.resolved.isSame(as: facts.resolved) }) { lent.append(facts) }
        }
        guard !lent.isEmpty else { return nil }
        roots = lent.filter { facts in !lent.contains { facts.resolved.isBelow($0.resolved) } }
        owner = Subject(name: session.name, uid: caller.uid, groups: [caller.gid])
    }

    /// The lent directory that holds a path.
    func root(of path: String) -> PathFacts? { roots.first { path.isBeneath($0.resolved) } }

    /// As `Subject.obstacle`, in a lent directory with the owner's permissions. Nothing there can be written that is not his and his group's.
    func obstacle(to facts: PathFacts, for session: Subject, read: Bool, write: Bool) -> (component: String, missing: String)? {
        guard let root = root(of: facts.resolved) else { return session.obstacle(to: facts, read: read, write: write) }
        if let outside = session.obstacle(among: facts.ancestors.filter { !$0.path.isBeneath(root.resolved) }) { return outside }
        var inside = facts
        inside.ancestors = facts.ancestors.filter { $0.path.isBeneath(root.resolved) }
        if let closed = owner.obstacle(to: inside, read: read, write: write) { return closed }
        let isForeign = facts.owner != root.owner || facts.group != root.group
        return write && isForeign ? (facts.resolved, "write") : nil
    }
}

extension String {
    fileprivate func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Beneath the directory, and not the directory itself.
    fileprivate func isBelow(_ directory: String) -> Bool { isBeneath(directory) && !isSame(as: directory) }
}
