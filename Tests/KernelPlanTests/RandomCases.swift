import KernelPlan
import Policy
import TestSupport

/// A policy, the host it is compiled for, and what was found at launch.
struct Case {
    var policy: Policy
    var host: HostProfile
    var launch: LaunchFacts

    var plan: KernelPlan? { try? compile(policy, for: host, launching: launch) }
}

/// Random policies of all clauses, and random hosts.
struct RandomCases {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &generator)] }

    mutating func next() -> Case {
        let launch = launch()
        return Case(policy: policy(), host: host(), launch: launch)
    }

    // MARK: Hosts

    mutating func host() -> HostProfile {
        var missing: Set<Mechanism> = []
        if chance(50) { for mechanism in Mechanism.allCases where chance(12) { missing.insert(mechanism) } }
        let abi = pick([1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 10, 10])
        return chance(75) ? InventedHosts.daemon(abi: abi, without: missing) : InventedHosts.user(abi: abi, without: missing)
    }

    private mutating func launch() -> LaunchFacts {
        InventedPolicies.launch(protected: chance(20) ? [pick(Self.protected)] : [])
    }

    // MARK: Endpoints

    static let addresses = [
        "127.0.0.1", "127.0.0.2", "192.0.2.10", "192.0.2.11", "10.0.0.0", "10.255.255.255", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1",
        "::ffff:192.0.2.10", "2001:db8::10", "2001:db8::11", "169.254.169.254", "8.8.8.8", "9.255.255.255", "11.0.0.0", "10.1.0.0",
        "10.0.255.255", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "fc00::1", "fbff::1", "224.0.0.1", "223.255.255.255",
        "100.64.0.1", "ff02::1", "::ffff:0.0.0.0",
    ].map { IPAddress($0)! }
    static let ports: [UInt16] = [1, 22, 53, 80, 442, 443, 444, 65_535]
    static let networks = [
        "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "0.0.0.0/0", "[::/0]", "[2001:db8::/32]", "[2001:db8::10/127]", "192.0.2.10/31",
        "[fc00::/7]", "[::/1]", "128.0.0.0/1", "127.0.0.0/8",
    ]

    mutating func grant(any: Int = 15, none: Int = 40) -> EndpointGrant {
        if chance(none) { return .none }
        if chance(any) { return .any }
        let byPort = chance(25)
        return .endpoints((0..<Int.random(in: 1...4, using: &generator)).map { _ in Located(endpoint(byPort), at: InventedPolicies.place) })
    }

    private mutating func endpoint(_ byPort: Bool) -> EndpointPattern {
        EndpointPattern(addresses: byPort ? .any : addresses(), ports: ports())
    }

    private mutating func addresses() -> EndpointPattern.Addresses {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: .any
        case 1: .public
        case 2..<6: .one(pick(Self.addresses.filter { $0 == $0.unmapped && !$0.isLinkLocal }))
        default: try! EndpointPattern(pick(Self.networks) + ":1").addresses
        }
    }

    private mutating func ports() -> EndpointPattern.Ports {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .any
        case 1: .range(22...80)
        case 2: .range(443...65_535)
        default: .one(pick(Self.ports))
        }
    }

    // MARK: Files

    static let directories = ["/usr", "/usr/share", "/home/a/project", "/home/ab", "/srv", "/srv/x", "/opt/other"]
    static let written = ["/home/a/project", "/srv", "/srv/x"]
    static let files = ["/etc/hosts", "/opt/tool/server", "/opt/tool/other", "/srv/notes"]
    static let sockets = ["/run/db.sock", "/srv/x/app.sock"]
    static let protected = ["/srv/x/hooks", "/home/a/project/.git/hooks", "/srv/notes", "/home/a/project/.git/deep/hooks"]

    private mutating func grants(_ names: [String], _ kind: PathFacts.Kind, percent: Int) -> [GrantedPath] {
        names.filter { _ in chance(percent) }.map { InventedPolicies.grant(InventedPolicies.facts($0, kind, mode: 0o777)) }
    }

    /// Some are the caller's alone: a user of the session's own has them lent.
    private mutating func writtenDirectories(percent: Int) -> [GrantedPath] {
        grants(Self.written, .directory, percent: percent).map { grant in
            chance(25) ? InventedPolicies.grant(InventedPolicies.facts(grant.path, owner: 1_000, mode: 0o700)) : grant
        }
    }

    // MARK: Policies

    mutating func policy() -> Policy {
        let onlyFiles = chance(25)
        let executed = grants(Self.files, .file, percent: 30) + (onlyFiles ? [] : grants(Self.directories, .directory, percent: 10))
        let directories = onlyFiles ? [] : grants(Self.directories, .directory, percent: 20)
        let written = onlyFiles || chance(50) ? [] : writtenDirectories(percent: 50)
        var policy = InventedPolicies.policy(
            tcp: grant(), udp: grant(none: 65), unix: unix(), dns: dns(), own: grant(none: 75),
            read: directories + grants(Self.files, .file, percent: 20),
            write: written + (chance(80) ? [] : grants(["/etc/hosts", "/srv/notes"], .file, percent: 60)),
            execute: executed.isEmpty || chance(60) ? .none : .paths(executed), metadata: chance(30) ? .owned : .none,
            protect: pick([nil, Protect.none, .clients]), tmp: chance(10) ? .private : .none, proc: chance(10) ? .session : .none,
            spawn: chance(50) ? .any : .none, tasks: chance(10) ? 64 : nil, memory: chance(10) ? 1 << 29 : nil, cpu: chance(10) ? 150 : nil,
            user: chance(50) ? .session : .caller)
        // Names are the only way out, or refused.
        if chance(10) { (policy.egress, policy.ingress) = (InventedPolicies.byName(["*.example.org:443"]), IngressClause()) }
        return policy
    }

    /// TCP, files, executing and spawning.
    mutating func filesAndTCP() -> Policy {
        let executed = grants(Self.files, .file, percent: 40) + grants(Self.directories, .directory, percent: 10)
        return InventedPolicies.policy(
            tcp: grant(none: 20), read: grants(Self.directories, .directory, percent: 20) + grants(Self.files, .file, percent: 20),
            write: chance(40) ? grants(Self.written, .directory, percent: 60) : [],
            execute: executed.isEmpty || chance(60) ? .none : .paths(executed), spawn: chance(50) ? .any : .none,
            user: chance(50) ? .session : .caller)
    }

    private mutating func unix() -> UnixGrant {
        if chance(75) { return .none }
        if chance(30) { return .any }
        let paths = grants(Self.sockets, .socket, percent: 60)
        return paths.isEmpty ? .none : .paths(paths)
    }

    private mutating func dns() -> DNSGrant {
        chance(85)
            ? .none
            : .host(nameservers: [IPAddress("192.0.2.10")!, IPAddress("2001:db8::10")!, .v4(0x7f00_0035)].filter { _ in chance(60) })
    }
}
