import Descriptors
import KernelPlan
import PathFinding
import Policy
import TestSupport

/// Random policies whose paths are those of the stage.
struct PolicyDrawing: ~Copyable, Drawing {
    var generator: SeededGenerator
    let stage: Stage
    var descriptors = DescriptorList()

    private static let place = SourceLocation(file: "drawn", line: 1, column: 1)

    init(generator: SeededGenerator, stage: Stage) {
        self.generator = generator
        self.stage = stage
    }

    /// One that is said, not drawn; absent is none.
    mutating func policy(
        tcp: EndpointGrant = .none, read: [String] = [], write: [String] = [], execute: [String] = [],
        spawn: ProcessesClause.Spawn = .none, user: ServerClause.User = .session
    ) throws -> Policy {
        let executed = try grants(execute, percent: 100)
        return Policy(
            name: "said", location: Self.place,
            clauses: Clauses(
                server: ServerClause(user: Located(user, at: Self.place)), egress: EgressClause(tcp: Located(tcp, at: Self.place)),
                files: FilesClause(
                    read: try grants(read, percent: 100), write: try grants(write, percent: 100),
                    execute: executed.isEmpty ? ExecuteGrant.none : .paths(executed)),
                processes: ProcessesClause(spawn: Located(spawn, at: Self.place))))
    }

    mutating func policy() throws -> Policy {
        let read = try grants(Tree.directories + Tree.files + ["to-a", "to-e"], percent: 18)
        let write = chance(60) ? try grants(["a", "a", "a/b", "a/b/c", "ab", "d", "d/e", "to-e"] + Tree.files, percent: 20) : []
        let executed = chance(50) ? try grants(Tree.programs + ["x", "a/bin", "a/b"], percent: 25) : []
        let tcp = grant(none: 10)
        let udp = grant(none: 45)
        let own: IngressClause = chance(40) ? IngressClause(tcp: Located(ownEndpoints(), at: Self.place)) : IngressClause()
        let dns: DNSGrant = chance(15) ? .host(nameservers: [one(Self.addresses), IPAddress("192.0.2.53")!]) : .none
        let metadata: MetadataGrant = chance(40) ? .owned : .none
        let spawn: ProcessesClause.Spawn = chance(60) ? .any : .none
        let user: ServerClause.User = chance(50) ? .session : .caller
        return Policy(
            name: "drawn", location: Self.place,
            clauses: Clauses(
                server: ServerClause(user: Located(user, at: Self.place)),
                egress: EgressClause(
                    tcp: Located(tcp, at: Self.place), udp: Located(udp, at: Self.place), dns: Located(dns, at: Self.place)),
                ingress: own,
                files: FilesClause(
                    read: read, write: write, execute: executed.isEmpty ? ExecuteGrant.none : .paths(executed),
                    metadata: Located(metadata, at: Self.place)),
                processes: ProcessesClause(spawn: Located(spawn, at: Self.place))))
    }

    /// What a launch by somebody who is not root looks up.
    mutating func launch() throws -> LaunchFacts {
        let chain = try ExecutableChain.of(stage.program, keeping: &descriptors).links.map {
            LaunchFacts.ChainLink(role: .command, facts: $0.facts)
        }
        return LaunchFacts(
            caller: .init(uid: Stage.callerUID, gid: Stage.callerUID, groups: []), chain: chain,
            floor: PathFinder.floor(keeping: &descriptors), sessionUID: Stage.sessionUID)
    }

    private mutating func grants(_ names: [String], percent: Int) throws -> [GrantedPath] {
        try some(names, percent: percent).map { name in
            let path = stage.tree.path(name)
            return GrantedPath(path: path, location: Self.place, found: try stage.find(path, &descriptors))
        }
    }

    // MARK: Endpoints

    private static let addresses = [
        "127.0.0.1", "127.0.0.2", "192.0.2.10", "8.8.8.8", "10.0.0.1", "255.255.255.254", "2001:db8::10", "::1", "fc00::1", "::2",
    ].map { IPAddress($0)! }
    private static let networks = [
        "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "192.0.2.10/31", "203.0.113.128/25", "0.0.0.0/0", "127.0.0.0/8", "128.0.0.0/1",
        "[::/0]", "[2001:db8::/32]", "[2001:db8::10/127]", "[fc00::/7]", "[::/96]", "[::/64]",
    ].map { try! EndpointPattern($0 + ":1").addresses }
    static let ports: [UInt16] = [1, 2, 22, 80, 443, 444, 5_432, 65_534, 65_535]

    private mutating func grant(none: Int) -> EndpointGrant {
        if chance(none) { return .none }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return .any
        default:
            let count = Int.random(in: 1...5, using: &generator)
            return .endpoints((0..<count).map { _ in Located(endpoint(), at: Self.place) })
        }
    }

    /// Where the session itself may listen; apart from where our receivers do.
    static let ownAddresses = ["127.0.0.1", "::1", "192.0.2.10", "0.0.0.0", "::"].map { IPAddress($0)! }
    static let ownPorts: ClosedRange<UInt16> = 7_001...7_040

    private mutating func ownEndpoints() -> EndpointGrant {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return .none
        case 1: return .any
        default:
            let count = Int.random(in: 1...3, using: &generator)
            return .endpoints((0..<count).map { _ in Located(ownEndpoint(), at: Self.place) })
        }
    }

    private mutating func ownEndpoint() -> EndpointPattern {
        let addresses: EndpointPattern.Addresses =
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1: .any
            case 2: one(Self.networks)
            default: .one(one(Self.ownAddresses.filter { !$0.isUnspecified }))
            }
        let first = UInt16.random(in: Self.ownPorts, using: &generator)
        return EndpointPattern(addresses: addresses, ports: chance(30) ? .any : .range(first...(first + 12)))
    }

    private mutating func endpoint() -> EndpointPattern {
        let addresses: EndpointPattern.Addresses =
            switch Int.random(in: 0..<10, using: &generator) {
            case 0, 1: .any
            case 2..<5: .one(one(Self.addresses))
            case 5: .public
            default: one(Self.networks)
            }
        return EndpointPattern(addresses: addresses, ports: portSet())
    }

    private mutating func portSet() -> EndpointPattern.Ports {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .any
        case 1: .range(22...80)
        case 2: .range(443...444)
        case 3: .range(1_024...65_535)
        case 4: .range(1...one(Self.ports.filter { $0 > 1 }))
        default: .one(one(Self.ports))
        }
    }
}
