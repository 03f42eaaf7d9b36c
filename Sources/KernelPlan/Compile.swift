public import Policy

/// INVARIANT: a returned plan enforces `policy` exactly on a host that behaves as `host` says. There is no other mode.
///
/// Pure: everything that had to be looked up is in `launch`. Throws every reason why there is no such plan.
public func compile(_ policy: Policy, for host: HostProfile, launching launch: LaunchFacts) throws(Refusal) -> KernelPlan {
    var compiler = Compiler(policy: policy, host: host, launch: launch)
    return try compiler.plan()
}

/// One compilation: the clauses in turn, each leaving its part of the plan or its reasons.
struct Compiler {
    let policy: Policy
    let host: HostProfile
    let launch: LaunchFacts
    var reasons: [Reason] = []
    var groups: [SeccompGroup] = SeccompBaseline.groups
    var trials: [Trial] = []

    init(policy: Policy, host: HostProfile, launch: LaunchFacts) {
        self.policy = policy
        self.host = host
        self.launch = launch
    }

    mutating func plan() throws(Refusal) -> KernelPlan {
        baseline()
        let user = user()
        let cgroup = network()
        let paths = files(user)
        processes()
        let launchesOnce = execution()
        unbuilt()
        try Refusal.check(reasons)
        return KernelPlan(
            custody: host.custody, user: user, landlock: landlock(paths, cgroup), seccomp: SeccompPlan(groups: groups), cgroup: cgroup,
            launchesOnce: launchesOnce, trials: trials)
    }

    mutating func refuse(_ code: ReasonCode, at location: SourceLocation? = nil, _ facts: [String: String]) {
        reasons.append(Reason(code, at: location ?? policy.location, facts))
    }

    /// Refuses when a mechanism does not work here, and says what was observed.
    mutating func require(_ mechanism: Mechanism, for clause: String, at location: SourceLocation? = nil, needs: String) {
        guard !host.has(mechanism) else { return }
        if case .shared(let programs) = host[mechanism] {
            return refuse(.foreignPrograms, at: location, ["hook": mechanism.rawValue, "programs": programs])
        }
        refuse(
            .mechanismUnavailable, at: location,
            ["clause": clause, "mechanism": mechanism.rawValue, "observed": host[mechanism].text, "needs": needs])
    }

    /// What every session stands on.
    private mutating func baseline() {
        require(.seccomp, for: "the baseline", needs: "seccomp filters")
        require(.landlockFiles, for: "the baseline", needs: "Landlock in the list of security modules")
        switch host.custody {
        case .daemon:
            require(.cgroup, for: "the baseline", needs: "cgroup2 with cgroup.kill (Linux 5.14)")
        case .user:
            require(.userNamespace, for: "the baseline", needs: "user namespaces for whoever runs sandboxctl, or a running sandboxd")
        }
        trials += [
            Trial(.ioUring, isPermitted: false), Trial(.trace, isPermitted: false), Trial(.multipathSocket, isPermitted: false),
            Trial(.changeMode, isPermitted: false),
        ]
        groups.append(SeccompClauses.metadataNone)
    }

    private mutating func user() -> UserPlan {
        let asked = policy.server.user
        switch asked?.value ?? (launch.caller.uid == 0 ? .session : .caller) {
        case .session: return sessionUser(at: asked?.location)
        case .caller: return callerUser(at: asked?.location)
        }
    }

    private mutating func sessionUser(at location: SourceLocation?) -> UserPlan {
        if host.custody == .user {
            refuse(.needsDaemon, at: location, ["clause": "server.user: session", "mechanism": "a uid of the session's own"])
        }
        return .session
    }

    private mutating func callerUser(at location: SourceLocation?) -> UserPlan {
        let caller = launch.caller
        if caller.uid == 0 { refuse(.rootTarget, at: location, ["user": "caller"]) }
        require(.landlockScopes, for: "server.user: caller", at: location, needs: "Landlock ABI 6 (Linux 6.12), or server.user: session")
        groups.append(SeccompClauses.ownProcessOnly)
        return .caller(uid: caller.uid, gid: caller.gid, groups: caller.groups)
    }

    private mutating func processes() {
        let spawns = policy.processes.spawning == .any
        if !spawns { groups.append(SeccompClauses.spawnNone) }
        trials.append(Trial(.fork, isPermitted: spawns))
    }

    /// Returns whether the server's own execve is the last.
    private mutating func execution() -> Bool {
        switch policy.files.executable {
        case .none:
            require(.seccompNotification, for: "files.execute: none", needs: "seccomp user notification (Linux 5.5)")
            groups.append(SeccompClauses.executeOnce)
            trials.append(Trial(.execute, isPermitted: false))
            checkSingleStart()
            return true
        case .paths:
            groups.append(SeccompClauses.executeList)
            return false
        }
    }

    /// `#!/usr/bin/env NAME` starts twice: env executes the interpreter that it finds.
    private mutating func checkSingleStart() {
        guard launch.chain.contains(where: { $0.role == .interpreter && $0.facts.resolved.hasSuffix("/env") }) else { return }
        let gap = "the command's `#!` line starts env, and env executes again; name the interpreter, or list what may be executed"
        refuse(.inexpressible, ["clause": "files.execute: none", "mechanism": Mechanism.seccompNotification.rawValue, "gap": gap])
    }

    private func landlock(_ paths: [LandlockPathRule], _ cgroup: CgroupPlan?) -> LandlockPlan {
        LandlockPlan(
            abi: host.landlockABI, handledFiles: .handled(byABI: host.landlockABI), paths: paths,
            connectPorts: host.has(.landlockTCP) ? ports() : nil, scopes: host.has(.landlockScopes) ? [.signals, .abstractSockets] : [])
    }
}
