import KernelPlan
import Policy

/// Policies and launches with invented paths.
enum InventedPolicies {
    static let place = SourceLocation(file: "p.yaml", line: 1, column: 1)

    static func facts(
        _ path: String, _ kind: PathFacts.Kind = .directory, inode: UInt64? = nil, owner: UInt32 = 0, mode: UInt32 = 0o755,
        names: UInt64 = 1, links: [FollowedLink] = []
    ) -> PathFacts {
        PathFacts(
            resolved: path, kind: kind, device: 8, inode: inode ?? number(path), linkCount: names, owner: owner, group: owner, mode: mode,
            links: links, ancestors: [Ancestor(path: "/", owner: 0, group: 0, mode: 0o755)])
    }

    /// The same inode for the same path, in every run.
    static func number(_ path: String) -> UInt64 { path.utf8.reduce(5_381) { ($0 &* 33 ^ UInt64($1)) & 0xffff_ffff } }

    static func grant(_ facts: PathFacts, line: Int = 7) -> GrantedPath {
        GrantedPath(path: facts.resolved, location: SourceLocation(file: "p.yaml", line: line, column: 5), found: facts)
    }

    static func endpoints(_ texts: String...) -> EndpointGrant { endpoints(texts) }

    static func endpoints(_ texts: [String]) -> EndpointGrant {
        .endpoints(texts.map { Located(try! EndpointPattern($0), at: SourceLocation(file: "p.yaml", line: 4, column: 9)) })
    }

    static func policy(_ clauses: Clauses) -> Policy { Policy(name: "p", location: place, clauses: clauses) }

    static func policy(
        tcp: EndpointGrant = .none, udp: EndpointGrant = .none, unix: UnixGrant = .none, dns: DNSGrant = .none, own: EndpointGrant = .none,
        read: [GrantedPath] = [], write: [GrantedPath] = [], execute: ExecuteGrant = .none, metadata: MetadataGrant = .none,
        protect: Protect? = nil, tmp: TemporaryFiles = .none, proc: ProcessFiles = .none, spawn: ProcessesClause.Spawn = .none,
        tasks: Int? = nil, memory: Int? = nil, cpu: Int? = nil, user: ServerClause.User? = nil
    ) -> Policy {
        let tcpPlace = SourceLocation(file: "p.yaml", line: 3, column: 3)
        return policy(
            Clauses(
                server: ServerClause(user: user.map { Located($0, at: place) }),
                egress: EgressClause(
                    tcp: Located(tcp, at: tcpPlace), udp: Located(udp, at: place), unix: Located(unix, at: place),
                    dns: Located(dns, at: place)),
                ingress: IngressClause(tcp: Located(own, at: place)),
                files: FilesClause(
                    read: read, write: write, execute: execute, metadata: Located(metadata, at: place),
                    protect: protect.map { Located($0, at: place) }, tmp: Located(tmp, at: place), proc: Located(proc, at: place)),
                processes: ProcessesClause(
                    spawn: Located(spawn, at: place), tasks: tasks.map { Located($0, at: place) },
                    memory: memory.map { Located($0, at: place) }, cpu: cpu.map { Located($0, at: place) })))
    }

    static func launch(uid: UInt32 = 1_000, cages: [LaunchFacts.Cage] = [], protected: [String] = []) -> LaunchFacts {
        LaunchFacts(
            caller: .init(uid: uid, gid: uid, groups: [uid]),
            chain: [
                .init(role: .command, facts: facts("/opt/tool/server", .file)), .init(role: .loader, facts: facts("/usr/lib/ld.so", .file)),
            ],
            cages: cages, protected: protected,
            floor: [facts("/dev/null", .other, mode: 0o666), facts("/dev/urandom", .other, mode: 0o666)])
    }

    static let project = grant(facts("/home/a/project", owner: 1_000))
    static let lendable = grant(facts("/home/a/project", owner: 1_000, mode: 0o700))
    static let socket = grant(facts("/run/db.sock", .socket, mode: 0o666))

    /// One policy for each clause, beside those that are shipped.
    static func policy(egress: EgressClause, spawn: ProcessesClause.Spawn = .none) -> Policy {
        var policy = policy(spawn: spawn)
        policy.egress = egress
        return policy
    }

    /// Egress by name, and no other.
    static func byName(_ texts: [String]) -> EgressClause {
        let patterns = texts.compactMap { try? Located(NamePattern($0), at: place) }
        return EgressClause(names: Located(.patterns(patterns), at: place), resolvers: [.v4(0xcb00_7135)])
    }

    static let named: [(name: String, policy: Policy, launch: LaunchFacts)] = [
        ("closed", policy(), launch()),
        ("tcp-by-address", policy(tcp: endpoints("192.0.2.10:443", "[2001:db8::10]:443", "10.0.0.0/8:5432", "public:80-90")), launch()),
        ("tcp-by-port", policy(tcp: endpoints("*:443", "*:8000-8002")), launch()),
        ("tcp-any", policy(tcp: .any, spawn: .any), launch()),
        ("udp-by-address", policy(udp: endpoints("192.0.2.53:53")), launch()),
        ("udp-any", policy(udp: .any), launch()),
        ("dns", policy(dns: .host(nameservers: [IPAddress("192.0.2.53")!, IPAddress("2001:db8::53")!])), launch()),
        (
            "names", policy(egress: byName(["api.example.org:443", "*.cdn.example.org:443", "plain:mirror.example.org:80"]), spawn: .any),
            launch()
        ),
        ("unix-path", policy(unix: .paths([socket]), read: [grant(facts("/etc/hosts", .file))]), launch()),
        ("unix-path-and-directory", policy(unix: .paths([socket]), read: [grant(facts("/usr/share"))]), launch()),
        ("unix-path-and-ingress", policy(unix: .paths([socket]), own: endpoints("127.0.0.1:8080")), launch()),
        ("unix-any", policy(unix: .any), launch()),
        ("ingress-endpoint", policy(own: endpoints("127.0.0.1:8080")), launch()),
        ("ingress-any", policy(udp: .any, own: .any), launch()),
        ("project", policy(read: [grant(facts("/usr/share"))], write: [project], user: .caller), launch()),
        ("project-protected", policy(write: [project]), launch(protected: ["/home/a/project/.git/hooks"])),
        ("session-user", policy(write: [grant(facts("/srv", mode: 0o777))], user: .session), launch()),
        ("session-user-project", policy(write: [lendable], user: .session), launch(protected: ["/home/a/project/.git/hooks"])),
        ("single-file", policy(write: [grant(facts("/home/a/notes.txt", .file, owner: 1_000))]), launch()),
        ("metadata-owned", policy(write: [project], metadata: .owned), launch()),
        ("execute-list", policy(execute: .paths([grant(facts("/usr/bin/git", .file))]), spawn: .any), launch()),
        ("own-directories", policy(tmp: .private, proc: .session), launch()),
        ("devices", policy(read: [grant(facts("/dev/dri"))]), launch()),
        ("limits", policy(tasks: 64, memory: 536_870_912, cpu: 50), launch()),
    ]
}
