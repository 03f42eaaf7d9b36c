import KernelPlan

/// Hosts that need not exist: what their probes would have seen.
enum InventedHosts {
    static let programs: Set<Mechanism> = [.connectHooks, .sendHooks, .bindHooks, .ingressFilter, .unixHooks, .bpfLSM, .executeHook, .pins]
    static let controllers: Set<Mechanism> = [.tasksController, .memoryController, .cpuController]

    /// A kind of host, at every ABI of Landlock: what is missing beside what the ABI lacks.
    static let kinds: [(name: String, custody: Custody, missing: Set<Mechanism>)] = [
        ("daemon", .daemon, [.bpfLSM, .executeHook]), ("daemon-lsm", .daemon, []),
        ("daemon-without-bpf", .daemon, programs.union([.mountNamespace, .privateProc])),
        ("daemon-without-cgroup2", .daemon, programs.union(controllers).union([.cgroup])),
        (
            "unprivileged", .user,
            programs.union(controllers).union([.cgroup, .delegatedCgroup, .mountNamespace, .privateProc, .networkNamespace])
        ),
        ("unprivileged-delegated", .user, programs.union([.cgroup, .mountNamespace, .privateProc, .networkNamespace])),
    ]
    static let abis = 0...10

    /// Everything works; on none of these hosts did anybody switch audit on.
    static let everything = host(.daemon, abi: 10)

    static func named(_ kind: String, abi: Int) -> HostProfile {
        let kind = kinds.first { $0.name == kind }!
        return host(kind.custody, abi: abi, without: kind.missing)
    }

    static func daemon(abi: Int, without missing: Set<Mechanism> = []) -> HostProfile {
        host(.daemon, abi: abi, without: missing.union([.userNamespace]))
    }

    static func user(abi: Int, without missing: Set<Mechanism> = []) -> HostProfile {
        host(.user, abi: abi, without: missing.union(programs).union([.cgroup, .delegatedCgroup]))
    }

    static func host(_ custody: Custody, abi: Int, without missing: Set<Mechanism> = []) -> HostProfile {
        var observations: [Mechanism: Observation] = [:]
        for mechanism in Mechanism.allCases
        where mechanism != .auditLog && !missing.contains(mechanism) && abi >= leastABI[mechanism, default: 0] {
            observations[mechanism] = .works
        }
        return HostProfile(kernel: "invented", architecture: "x86_64", custody: custody, landlockABI: abi, observations: observations)
    }

    static let leastABI: [Mechanism: Int] = [
        .landlockFiles: 1, .landlockTCP: 4, .unixHooks: 4, .landlockScopes: 6, .landlockUnix: 9, .landlockUDP: 10,
    ]
}
