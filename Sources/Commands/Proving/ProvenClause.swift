import KernelPlan

/// What an attempt attacks: a clause of the policy, or what no policy can permit.
enum ProvenClause: String, Sendable, Hashable, CaseIterable {
    case tcp = "egress.tcp"
    case udp = "egress.udp"
    case unix = "egress.unix"
    case ingress = "ingress.tcp"
    case read = "files.read"
    case write = "files.write"
    case execute = "files.execute"
    case metadata = "files.metadata"
    case spawn = "processes.spawn"
    case user = "server.user"
    case environment = "server.env"
    /// The table of what lies outside of every policy.
    case baseline

    /// What holds it, by the plan; the compiler names its choices by clause, some with their value.
    func holder(in plan: KernelPlan) -> String {
        guard let choice = plan.choices.first(where: { isHeld(by: $0.clause) }) else { return usualHolder(in: plan) }
        return Explanation.list(choice.mechanisms.map(MechanismWords.words))
    }

    private func isHeld(by clause: String) -> Bool {
        let own =
            switch self {
            case .tcp, .udp: "egress"
            case .read, .write: "files"
            case .unix, .ingress, .execute, .metadata, .spawn, .user, .environment, .baseline: rawValue
            }
        let name = clause.split(separator: ":").first.map(String.init) ?? clause
        return name.utf8.elementsEqual(own.utf8)
    }

    private func usualHolder(in plan: KernelPlan) -> String {
        switch self {
        case .tcp, .udp, .unix, .ingress, .metadata, .spawn, .baseline: "seccomp"
        case .read, .write, .execute: "Landlock (ABI \(plan.landlock.abi))"
        case .user:
            switch plan.user {
            case .session: "a uid of the session's own"
            case .caller: "seccomp, no_new_privs and empty capability sets"
            }
        case .environment: "sandboxd, which hands over nothing else"
        }
    }
}
