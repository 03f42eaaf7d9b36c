public import Policy

/// What becomes of a session that runs under one policy when there are newer ones: decided before anything is done.
public struct Supersession: Sendable, Hashable {
    /// What the session is held to from here on: what all of them permit. Never more than before.
    public let policy: Policy
    /// The clauses of which less is permitted than before.
    public let tightened: [SupersededClause]
    /// Those that a running session cannot be held to. Where there is one, nothing new is let through, and the session is ended.
    public let notInPlace: [SupersededClause]
    /// What its programs judge instead; nil where the network stays as it was, or cannot be held in place.
    public let network: CgroupPlan?
    /// The limits that become less; empty where they stay.
    public let limits: ResourceLimits

    /// All policies are spelled out. Errors: R128 for what cannot be written down.
    public init(of old: Policy, by news: [Policy], on host: HostProfile) throws(Refusal) {
        var policy = old
        var changed: Set<SupersededClause> = []
        for new in news {
            let both = try policy.intersected(with: new)
            changed.formUnion(
                SupersededClause.allCases.filter { $0.differs(policy.clauses, both.clauses) || $0.isTaken(policy.clauses, new.clauses) })
            policy = both
        }
        let all = SupersededClause.allCases.filter(changed.contains)
        let network = all.contains { $0.isOfNetwork } ? CgroupPlan(tightening: old, to: policy, on: host) : nil
        // Which sockets are left is judged by inodes, which nobody here has opened.
        self.network = network.flatMap { $0.hooks.contains(.unix) ? nil : $0 }
        let hasPlan = self.network != nil
        self.policy = policy
        tightened = all
        notInPlace = all.filter { !$0.isTightenedInPlace(from: old, hasPlan: hasPlan) }
        limits = ResourceLimits(
            tasks: changed.contains(.tasks) ? policy.processes.tasks?.value : nil,
            memory: changed.contains(.memory) ? policy.processes.memory?.value : nil,
            cpu: changed.contains(.cpu) ? policy.processes.cpu?.value : nil)
    }

    /// The session goes on as it was.
    public var isNothing: Bool { tightened.isEmpty }
}
