import KernelPlan
import Policy
import PolicyText

import struct Policy.SourceLocation

@testable import Commands

/// A ground, a caller and policies that exist nowhere.
enum ProofWorld {
    static let place = SourceLocation(file: "p.yaml", line: 1, column: 1)
    static let caller = LaunchFacts.Caller(uid: 1_000, gid: 1_000, groups: [])

    static func directory(_ path: String, inode: UInt64) -> GrantedPath {
        let facts = PathFacts(
            resolved: path, kind: .directory, device: 1, inode: inode, linkCount: 2, owner: 1_000, group: 1_000, mode: 0o755,
            ancestors: [Ancestor(path: "/", owner: 0, group: 0, mode: 0o755)])
        return GrantedPath(path: path, location: place, found: facts)
    }

    static let prober = PathFacts(
        resolved: "/bin/sandbox-prober", kind: .file, device: 1, inode: 9, linkCount: 1, owner: 0, group: 0, mode: 0o755)

    static let launch = LaunchFacts(caller: caller, chain: [LaunchFacts.ChainLink(role: .command, facts: prober)])

    static func policy(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy(name: "notes", location: place)
        change(&policy)
        return policy
    }

    static func located<Value>(_ value: Value) -> Located<Value> { Located(value, at: place) }

    static func endpoints(_ texts: String...) -> Located<EndpointGrant>? {
        located(.endpoints(texts.compactMap { try? EndpointPattern($0) }.map { located($0) }))
    }

    static let host = HostProfile(
        kernel: "6.12", architecture: "x86_64", custody: .daemon, landlockABI: 7,
        observations: Dictionary(uniqueKeysWithValues: Mechanism.allCases.map { ($0, Observation.works) }))

    /// Everything is there, at places that the policies below reach or do not.
    static let ground: ProofGround = {
        typealias Place = ProofGround.Place
        let places: [Place: ProofGround.Found] = [
            .outside: .here("/tmp/p/outside"), .granted: .here("/granted"), .fromParent: .here("/tmp/p/outside"),
            .readable: .here("/granted/.p"), .writable: .here("/written/.p"), .prober: .here("/bin/sandbox-prober"),
            .copy: .here("/tmp/p/copy"), .loader: .here("/lib/ld.so"), .program: .here("/bin/true"), .victim: .here("{victim}"),
            .victimMemory: .here("{victim-memory}"), .abstract: .here("@p"), .secret: .here("5ec4e7"),
        ]
        let four = IPAddress.v4(0x7f00_0001)
        let six = IPAddress.v6(high: 0, low: 1)
        return ProofGround(
            places: places,
            receivers: [
                .init(label: "v4", address: four, port: 4_000), .init(label: "v6", address: six, port: 4_000),
                .init(label: "granted-1", address: four, port: 5_000), .init(label: "granted-1-port-above", address: four, port: 5_001),
            ],
            own: [.init(label: "v4", address: four, port: 6_000), .init(label: "granted-1", address: four, port: 7_000)], ownership: .own)
    }()

    static let policies: [(String, Policy)] = [
        ("closed", policy()),
        ("endpoints", policy { $0.egress.tcp = endpoints("127.0.0.1:5000") }),
        ("udp", policy { $0.egress.udp = endpoints("127.0.0.1:5000") }),
        ("any", policy { $0.egress.tcp = located(.any) }),
        ("listening", policy { $0.ingress.tcp = endpoints("127.0.0.1:7000") }),
        ("reading", policy { $0.files.read = [directory("/granted", inode: 2)] }),
        ("writing", policy { $0.files.write = [directory("/written", inode: 3)] }),
        ("metadata", policy { $0.files.metadata = located(.owned) }),
        ("spawning", policy { $0.processes.spawn = located(.any) }),
        (
            "executing",
            policy {
                $0.files.execute = .paths([directory("/tmp/p", inode: 4)])
                $0.processes.spawn = located(.any)
            }
        ),
        ("session", policy { $0.server.user = located(.session) }),
    ]
}
