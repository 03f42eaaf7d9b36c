import KernelPlan
import Policy

/// Policies and launches with invented paths.
enum InventedPolicies {
    static let place = SourceLocation(file: "p.yaml", line: 1, column: 1)

    static func facts(
        _ path: String, _ kind: PathFacts.Kind = .directory, inode: UInt64 = 1, owner: UInt32 = 0, mode: UInt32 = 0o755,
        links: [FollowedLink] = []
    ) -> PathFacts {
        PathFacts(
            resolved: path, kind: kind, device: 8, inode: inode, linkCount: 1, owner: owner, group: owner, mode: mode, links: links,
            ancestors: [Ancestor(path: "/", owner: 0, group: 0, mode: 0o755)])
    }

    static func grant(_ facts: PathFacts, line: Int = 7) -> GrantedPath {
        GrantedPath(path: facts.resolved, location: SourceLocation(file: "p.yaml", line: line, column: 5), found: facts)
    }

    static func endpoints(_ texts: String...) -> EndpointGrant {
        .endpoints(texts.map { Located(try! EndpointPattern($0), at: SourceLocation(file: "p.yaml", line: 4, column: 9)) })
    }

    static func policy(
        tcp: EndpointGrant = .none, read: [GrantedPath] = [], write: [GrantedPath] = [], execute: ExecuteGrant = .none,
        spawn: ProcessesClause.Spawn = .none, user: ServerClause.User? = nil
    ) -> Policy {
        Policy(
            name: "p", location: place,
            clauses: Clauses(
                server: ServerClause(user: user.map { Located($0, at: place) }),
                egress: EgressClause(tcp: Located(tcp, at: SourceLocation(file: "p.yaml", line: 3, column: 3))),
                files: FilesClause(read: read, write: write, execute: execute),
                processes: ProcessesClause(spawn: Located(spawn, at: place))))
    }

    static func launch(uid: UInt32 = 1_000, cages: [LaunchFacts.Cage] = [], protected: [String] = []) -> LaunchFacts {
        LaunchFacts(
            caller: .init(uid: uid, gid: uid, groups: [uid]),
            chain: [
                .init(role: .command, facts: facts("/opt/tool/server", .file, inode: 100)),
                .init(role: .loader, facts: facts("/usr/lib/ld.so", .file, inode: 101)),
            ],
            cages: cages, protected: protected,
            floor: [facts("/dev/null", .other, inode: 5, mode: 0o666), facts("/dev/urandom", .other, inode: 6, mode: 0o666)])
    }

    static let named: [(name: String, policy: Policy, launch: LaunchFacts)] = [
        ("closed", policy(), launch()),
        ("one-endpoint", policy(tcp: endpoints("192.0.2.10:443", "[2001:db8::10]:443")), launch()),
        ("by-port", policy(tcp: endpoints("*:443")), launch()),
        ("any", policy(tcp: .any, read: [grant(facts("/usr/share/dict"))], spawn: .any), launch()),
        (
            "project",
            policy(
                tcp: .none, read: [grant(facts("/usr", inode: 20))],
                write: [grant(facts("/home/a/project", inode: 21, owner: 1_000))], user: .caller), launch()
        ),
    ]
}
