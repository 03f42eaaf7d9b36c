public import Policy

/// INVARIANT: a returned plan enforces `policy` exactly on a host that behaves as `host` says. There is no other mode.
///
/// Pure and total: everything that had to be looked up is in `launch`. Throws every reason why there is no such plan.
public func compile(_ policy: Policy, for host: HostProfile, launching launch: LaunchFacts) throws(Refusal) -> KernelPlan {
    var compiler = Compiler(policy: policy, host: host, launch: launch)
    return try compiler.plan()
}

/// One compilation: what the clauses need, what of the host's mechanisms is taken for it, and the plan that is made of these.
struct Compiler {
    let policy: Policy
    let host: HostProfile
    let launch: LaunchFacts
    /// What TCP and UDP may reach, dns included, and where the session's own TCP endpoints may be.
    let tcp: AskedEndpoints
    let udp: AskedEndpoints
    let own: AskedEndpoints
    /// Lent to a user of the session's own.
    let lending: Lending?
    var reasons: [Reason] = []
    var choices: [Choice] = []

    init(policy: Policy, host: HostProfile, launch: LaunchFacts) {
        self.policy = policy
        self.host = host
        self.launch = launch
        tcp = policy.askedTCP
        udp = policy.askedUDP
        own = policy.askedOwn
        lending = Lending(policy, launch)
    }

    mutating func plan() throws(Refusal) -> KernelPlan {
        // What denotes no set cannot be compiled any further.
        checkValues()
        try Refusal.check(reasons)
        baseline()
        checkUser()
        checkFiles()
        checkNetwork()
        checkSingleStart()
        checkEvidence()
        let needs = networkNeeds() + userNeeds() + fileNeeds() + limitNeeds()
        let means = Set(choose(needs).compactMap { $0 })
        let groups = groups(means)
        checkNames(groups)
        try Refusal.check(reasons)
        let mounts = mounts(means)
        let programs = programs(means)
        tellMissingExecuteLayer(programs)
        return KernelPlan(
            custody: host.custody, user: user, landlock: landlock(means), seccomp: SeccompPlan(groups: groups), cgroup: programs,
            mounts: mounts, hasEmptyNetwork: hasEmptyNetwork(means), doorPort: means.contains(.door) ? NameDoor.port : nil, limits: limits,
            launchesOnce: launchesOnce,
            trials: trials(mounts), choices: choices)
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
        for mechanism in [.seccomp, .landlockFiles, scope] { require(mechanism, for: "the baseline", needs: mechanism.requirement) }
    }

    private mutating func checkEvidence() {
        guard let durability = policy.evidence.durability, durability.value == .disk else { return }
        require(
            .durableState, for: "evidence.durability: disk", at: durability.location, needs: Mechanism.durableState.requirement)
    }

    // MARK: The filter

    private func groups(_ means: Set<Need.Means>) -> [SeccompGroup] {
        let sockets = SeccompClauses.sockets(udp: udp != .none, unix: policy.egress.unix.orNone != .none)
        let optional: [(Bool, SeccompGroup)] = [
            (policy.files.metadataGrant == .none, SeccompClauses.metadataNone), (sharesUser, SeccompClauses.ownProcessOnly),
            (host.landlockABI < 3, SeccompClauses.truncateNone), (host.landlockABI < 5, SeccompClauses.devicesNone), (true, sockets),
            (udp != .none && udp != .any, SeccompClauses.errorQueueNone),
            (policy.egress.unix.orNone != .none, SeccompClauses.unixNameless), (means.contains(.filter), SeccompClauses.egressNone),
            (own == .none, SeccompClauses.ingressNone), (policy.processes.spawning == .none, SeccompClauses.spawnNone),
            (true, launchesOnce ? SeccompClauses.executeOnce : SeccompClauses.executeList),
        ]
        return SeccompBaseline.groups + optional.filter(\.0).map(\.1)
    }

    /// A name that libseccomp does not resolve here would be a rule that is not there.
    private mutating func checkNames(_ groups: [SeccompGroup]) {
        guard !host.unknownSyscalls.isEmpty else { return }
        let unknown = Set(host.unknownSyscalls)
        var told: Set<String> = []
        for rule in groups.flatMap(\.rules) {
            guard case .named(let name) = rule.syscall, unknown.contains(name), told.insert(name).inserted else { continue }
            refuse(.unknownSyscall, ["syscall": name])
        }
    }

    // MARK: Landlock

    private func landlock(_ means: Set<Need.Means>) -> LandlockPlan {
        let byRight = means.contains { if case .unixRight = $0 { true } else { false } }
        var handled = FileRights.handled(byABI: host.landlockABI)
        if byRight { handled.insert(.resolveUnix) }
        return LandlockPlan(
            abi: host.landlockABI, handledFiles: handled, paths: rules(handled), mounted: mountRules(handled),
            connectPorts: connectPorts(means), scopes: scopes(means), isAudited: host.has(.auditLog))
    }

    private func scopes(_ means: Set<Need.Means>) -> LandlockScopes {
        // A uid of the session's own is exact already; the domain is there anyway, and holds also where a uid is not as free as was thought.
        var scopes: LandlockScopes = host.has(.landlockScopes) ? .signals : []
        if means.contains(.unixRight(isScoped: true)) || means.contains(.unixTree(isScoped: true)) { scopes.insert(.abstractSockets) }
        return scopes
    }
}

extension Policy {
    /// With the name servers of `dns`.
    var askedTCP: AskedEndpoints { AskedEndpoints(clauses.egress.tcp.orNone, adding: nameservers + doors) }
    var askedUDP: AskedEndpoints { AskedEndpoints(clauses.egress.udp.orNone, adding: nameservers) }
    var askedOwn: AskedEndpoints { AskedEndpoints(clauses.ingress.tcp.orNone) }

    /// The name proxy's, where there are names.
    private var doors: [EndpointPattern] { clauses.egress.names.orNone == .none ? [] : [NameDoor.pattern] }

    private var nameservers: [EndpointPattern] {
        switch clauses.egress.dns.orNone {
        case .none: []
        case .host(let servers): servers.map { EndpointPattern(addresses: .one($0), ports: .one(53)) }
        }
    }
}

extension FilesClause {
    var metadataGrant: MetadataGrant { metadata?.value ?? .none }
    var temporaryFiles: TemporaryFiles { tmp?.value ?? .none }
    var processFiles: ProcessFiles { proc?.value ?? .none }
}

extension UnixGrant {
    var paths: [GrantedPath] {
        switch self {
        case .none, .any: []
        case .paths(let paths): paths
        }
    }
}
