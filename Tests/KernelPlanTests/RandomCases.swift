import KernelPlan
import Policy
import TestSupport

/// Random policies, hosts and operations that lie on both sides of the policy's boundaries.
struct RandomCases {
    /// Foundation has an `Operation`, too.
    typealias Act = Operation

    var generator: SeededGenerator

    static let addresses = [
        "127.0.0.1", "127.0.0.2", "192.0.2.10", "192.0.2.11", "10.0.0.0", "10.255.255.255", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1",
        "::ffff:192.0.2.10", "2001:db8::10", "2001:db8::11", "169.254.169.254", "8.8.8.8", "9.255.255.255", "11.0.0.0", "10.1.0.0",
        "10.0.255.255",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "fc00::1", "fbff::1", "224.0.0.1", "223.255.255.255", "100.64.0.1",
        "ff02::1",
    ].map { IPAddress($0)! }
    static let ports: [UInt16] = [1, 22, 80, 442, 443, 444, 65_535]
    static let directories = ["/usr", "/usr/share", "/home/a", "/home/a/project", "/home/ab", "/srv", "/opt/tool"]
    static let files = ["/etc/hosts", "/opt/tool/server", "/opt/tool/other"]

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func host() -> HostProfile {
        var missing: Set<Mechanism> = []
        for mechanism in Mechanism.allCases where chance(8) { missing.insert(mechanism) }
        let abi = [0, 1, 2, 3, 4, 5, 6, 7, 7, 7].randomElement(using: &generator)!
        return chance(70) ? InventedHosts.daemon(abi: abi, without: missing) : InventedHosts.user(abi: abi, without: missing)
    }

    mutating func tcp() -> EndpointGrant {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .none
        case 1: return .any
        default:
            let count = Int.random(in: 1...4, using: &generator)
            return .endpoints((0..<count).map { _ in Located(endpoint(), at: InventedPolicies.place) })
        }
    }

    private mutating func endpoint() -> EndpointPattern {
        let address = Self.addresses.filter { $0 == $0.unmapped && !$0.isLinkLocal }.randomElement(using: &generator)!
        let addresses: EndpointPattern.Addresses =
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<3: .any
            case 3..<6: .one(address)
            case 6: .public
            default: try! EndpointPattern(Self.networks.randomElement(using: &generator)! + ":1").addresses
            }
        return EndpointPattern(addresses: addresses, ports: ports())
    }

    static let networks = [
        "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "0.0.0.0/0", "[::/0]", "[2001:db8::/32]", "[2001:db8::10/127]", "192.0.2.10/31",
        "[fc00::/7]",
    ]

    private mutating func ports() -> EndpointPattern.Ports {
        let port = Self.ports.randomElement(using: &generator)!
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .any
        case 1: return .range(22...80)
        case 2: return .range(443...65_535)
        default: return .one(port)
        }
    }

    private mutating func grants(_ names: [String], _ kind: PathFacts.Kind, percent: Int) -> [GrantedPath] {
        names.enumerated().filter { _ in chance(percent) }.map { index, name in
            InventedPolicies.grant(
                InventedPolicies.facts(name, kind, inode: UInt64(1_000 + index) + (kind == .file ? 100 : 0), mode: 0o777))
        }
    }

    mutating func policy() -> Policy {
        let executed = grants(Self.files, .file, percent: 40) + grants(Self.directories, .directory, percent: 10)
        return InventedPolicies.policy(
            tcp: tcp(), read: grants(Self.directories, .directory, percent: 20) + grants(Self.files, .file, percent: 20),
            write: chance(40) ? grants(["/home/a/project", "/srv"], .directory, percent: 60) : [],
            execute: executed.isEmpty || chance(60) ? .none : .paths(executed), spawn: chance(50) ? .any : .none,
            user: chance(50) ? .session : .caller)
    }

    // MARK: Operations

    static let paths =
        directories + directories.map { $0 + "/x" } + files
        + ["/", "/etc", "/etc/hosts2", "/home", "/dev/null", "/dev/urandom", "/dev/sda", "/usr/lib/ld.so", "/home/abc", "/srv/x/y"]

    static let fixed: [Operation] =
        addresses.flatMap { address in ports.flatMap { port in Operation.ConnectPath.allCases.map { .connect($0, address, port: port) } } }
        + Operation.FileAct.allCases.flatMap { act in paths.map { .file(act, path: $0) } } + paths.map { .execute(path: $0) }
        + paths.flatMap { from in paths.map { .move(from: from, to: $0) } } + [
            .metadata("/srv/x"), .bind, .listen, .makeProcess, .makeThread, .signalOutside,
        ]
        + [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000].map { .makeNamespace(flag: $0) }
        + [
            "io_uring_setup", "io_uring_enter", "clone3", "ptrace", "bpf", "mount", "keyctl", "perf_event_open", "userfaultfd",
            "process_vm_writev",
        ]
        .map { .forbidden(call: $0) }

    mutating func sockets(_ count: Int) -> [Operation] {
        (0..<count).flatMap { _ in
            let high = chance(30) ? UInt64(1) << UInt64.random(in: 32..<64, using: &generator) : 0
            let odd = chance(20) ? UInt64(1) << UInt64.random(in: 0..<32, using: &generator) : 0
            let family = UInt64([0, 1, 2, 10, 16, 17, 38, 40, 45, 46, 63].randomElement(using: &generator)!)
            let type = UInt64.random(in: 0..<16, using: &generator) | (chance(50) ? 0o2004000 : 0)
            let proto = UInt64([0, 1, 6, 17, 132, 136, 255, 262].randomElement(using: &generator)!)
            // FIONREAD, TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FICLONE, BTRFS_IOC_SUBVOL_CREATE, FS_IOC_ENABLE_VERITY, F2FS, FS_IOC_SETVERSION
            let request = [UInt64](
                [0x541B, 0x5412, 0x541C, 0x4008_6602, 0x401c_5820, 0x4004_9409, 0x5000_940e, 0x4080_6685, 0xf501, 0x4008_7602]
            ).randomElement(using: &generator)!
            let level = UInt64([0, 1, 6, 41].randomElement(using: &generator)!)
            let option = UInt64([4, 5, 6, 9, 31, 57].randomElement(using: &generator)!)
            return [
                Operation.socket(family: family ^ odd | high, type: type, protocol: proto),
                .socket(family: family, type: type | high, protocol: proto ^ odd),
                .socket(family: 2, type: 1 | high, protocol: proto | high),
                .socketPair(type: type | high), .socketOption(level: level | high, option: option | high),
                .deviceControl(request: request | high),
            ]
        }
    }
}
