import KernelPlan

/// Hosts that need not exist: what their probes would have seen.
enum InventedHosts {
    static let all: [(name: String, host: HostProfile)] = [
        ("new-daemon", daemon(abi: 7)), ("debian12-daemon", daemon(abi: 2)), ("no-bpf-daemon", daemon(abi: 7, without: hooks)),
        ("new-user", user(abi: 7)), ("old-user", user(abi: 4)), ("no-landlock-daemon", daemon(abi: 0)),
    ]

    static func named(_ name: String) -> HostProfile { all.first { $0.name == name }!.host }

    private static let hooks: Set<Mechanism> = [.connectHooks, .sendHooks, .bindHooks, .ingressFilter, .bpfLSM]

    static func daemon(abi: Int, without missing: Set<Mechanism> = []) -> HostProfile {
        host(.daemon, abi: abi, without: missing.union([.userNamespace]))
    }

    static func user(abi: Int, without missing: Set<Mechanism> = []) -> HostProfile {
        host(.user, abi: abi, without: missing.union(hooks).union([.cgroup, .pins]))
    }

    private static func host(_ custody: Custody, abi: Int, without missing: Set<Mechanism>) -> HostProfile {
        let needed: [Mechanism: Int] = [.landlockFiles: 1, .landlockTCP: 4, .landlockScopes: 6]
        var observations: [Mechanism: Observation] = [:]
        for mechanism in Mechanism.allCases {
            let works = !missing.contains(mechanism) && abi >= needed[mechanism, default: 0]
            observations[mechanism] = works ? .works : .absent("EPERM when set up")
        }
        return HostProfile(kernel: "invented", architecture: "x86_64", custody: custody, landlockABI: abi, observations: observations)
    }
}
