import KernelPlan
import Policy
import TestSupport

/// Operations on both sides of the boundaries of one policy, and others beside them.
struct Samples {
    /// Foundation has an `Operation`, too.
    typealias Act = Operation

    var cases: RandomCases
    let policy: Policy
    let launch: LaunchFacts
    var operations: [Act] = []

    /// `thorough` takes every way to do a thing instead of one.
    static func operations(for subject: Case, seed: UInt64, thorough: Bool = false) -> [Act] {
        var samples = Samples(cases: RandomCases(seed: seed), policy: subject.policy, launch: subject.launch)
        samples.endpoints(thorough)
        samples.paths(thorough)
        samples.unix(thorough)
        samples.sockets(thorough ? 60 : 8)
        return samples.operations + processes
    }

    // MARK: Endpoints

    private mutating func endpoints(_ thorough: Bool) {
        let grants = [policy.egress.tcp.orNone, policy.egress.udp.orNone, policy.ingress.tcp.orNone]
        var pairs = grants.flatMap(\.patterns).flatMap(\.edges)
        if case .host(let servers) = policy.egress.dns.orNone {
            pairs += servers.flatMap { EndpointPattern(addresses: .one($0), ports: .one(53)).edges }
        }
        if policy.egress.names.orNone != .none {
            pairs += EndpointPattern(addresses: .one(NameDoor.address), ports: .one(NameDoor.port)).edges
        }
        pairs += (0..<(thorough ? 40 : 6)).map { _ in (cases.pick(RandomCases.addresses), cases.pick(RandomCases.ports)) }
        for (address, port) in pairs {
            add(address, port, thorough)
            if cases.chance(25) { add(address.mapped, port, thorough) }
        }
    }

    private mutating func add(_ address: IPAddress, _ port: UInt16, _ thorough: Bool) {
        let connects = thorough ? Act.ConnectPath.allCases : [.connect, cases.pick(Act.ConnectPath.allCases)]
        let sends = thorough ? Act.SendPath.allCases : [cases.pick(Act.SendPath.allCases), cases.pick(Act.SendPath.allCases)]
        operations += connects.map { .connect($0, address, port: port) } + sends.map { .send($0, address, port: port) }
        operations += [
            .receive(address, port: port), .receiveErrors, .bind(.tcp, address, port: port), .bind(.udp, address, port: port),
            .accept(.bound, address, port: port), .accept(.unbound, address, port: port),
        ]
    }

    // MARK: Paths

    static let elsewhere = [
        "/", "/etc", "/etc/hosts", "/etc/hosts2", "/home", "/dev/null", "/dev/urandom", "/usr/lib/ld.so", "/opt/tool/server", "/home/abc",
        "/tmp", "/tmp/x", "/var/tmp/y", "/proc", "/proc/self/status", "/proc/1/status", "/proc/sys/kernel/ostype", "/proc/cpuinfo",
    ]

    private mutating func paths(_ thorough: Bool) {
        let files = policy.files
        let granted = (files.readable + files.writable + files.executable.paths).map(\.found.resolved) + launch.protected
        let near = granted.flatMap { [$0, $0 + "/x", $0 + "/x/y", $0 + "2", $0.parent, $0.parent + "/sibling", $0.parent.parent] }
            // Nothing lies beneath a file.
            .filter { path in !RandomCases.files.contains { path.hasPrefix($0 + "/") } }
        let all = near + Self.elsewhere
        let tried = thorough ? all : near.filter { _ in cases.chance(60) } + (0..<8).map { _ in cases.pick(Self.elsewhere) }
        for path in tried {
            let acts =
                thorough ? Act.FileAct.allCases : [.read, .write, cases.pick(Act.FileAct.allCases), cases.pick(Act.FileAct.allCases)]
            operations += acts.map { .file($0, path: path) } + [.execute(path: path)]
            let changes = thorough ? Act.MetadataChange.allCases : [cases.pick(Act.MetadataChange.allCases)]
            for change in changes {
                let owners = thorough ? Act.Ownership.allCases : [cases.pick(Act.Ownership.allCases)]
                operations += owners.map { .metadata(change, path: path, of: $0) }
            }
        }
        let moves = (0..<(thorough ? 400 : 24)).map { _ in (cases.pick(cases.chance(80) ? near + all : all), cases.pick(all)) }
        operations += moves.map { .move(from: $0.0, to: $0.1) }
        for device in ["/dev/sda", "/dev/tty", "/dev/dri/card0", "/dev/random", "/dev/urandom"] {
            operations += Act.Opening.allCases.map { .controlDevice($0, path: device) }
        }
    }

    private mutating func unix(_ thorough: Bool) {
        let paths = RandomCases.sockets + policy.egress.unix.orNone.granted + ["/run/docker.sock", "/srv/x/other.sock"]
        let names = paths.map { Act.UnixName.path($0) } + [.abstract("bus")]
        for name in names {
            let acts = thorough ? Act.UnixAct.allCases : [.connect, cases.pick(Act.UnixAct.allCases)]
            operations += acts.map { .unix($0, name) }
        }
    }

    /// Connections and files, whatever the policy.
    static let simple: [Act] =
        RandomCases.addresses.flatMap { address in RandomCases.ports.map { .connect(.connect, address, port: $0) } }
        + simplePaths.flatMap { path in Act.FileAct.allCases.map { .file($0, path: path) } + [.execute(path: path)] } + [.makeProcess]

    private static let simplePaths =
        elsewhere + RandomCases.files + RandomCases.directories + RandomCases.directories.map { $0 + "/z" } + ["/srv/x/y", "/srv2"]

    // MARK: The rest

    static let processes: [Act] =
        [.listen, .makeProcess, .makeThread, .signalOutside, .adjustOutside, .start, .newListener, .executeMemory]
        + [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000].map { .makeNamespace(flag: $0) }
        + [
            "io_uring_setup", "clone3", "ptrace", "bpf", "mount", "keyctl", "shmget", "syscall-470", "file_setattr", "open_tree_attr",
        ].map { .forbidden(call: $0) }

    /// FIONREAD, TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FICLONE, BTRFS_IOC_SUBVOL_CREATE, FS_IOC_ENABLE_VERITY, F2FS,
    /// FS_IOC_SETVERSION.
    static let requests: [UInt64] = [
        0x541B, 0x5412, 0x541C, 0x4008_6602, 0x401c_5820, 0x4004_9409, 0x5000_940e, 0x4080_6685, 0xf501, 0x4008_7602, 0x4004_7211, 0x6f01,
        0x6e8a, 0x9701, 0xbc01, 0xcf01,
    ]

    private mutating func sockets(_ count: Int) {
        for _ in 0..<count {
            let high = cases.chance(30) ? UInt64(1) << UInt64.random(in: 32..<64, using: &cases.generator) : 0
            let odd = cases.chance(20) ? UInt64(1) << UInt64.random(in: 0..<32, using: &cases.generator) : 0
            let family: UInt64 = cases.pick([0, 1, 2, 2, 10, 10, 16, 17, 38, 40, 45, 46, 63])
            let type = UInt64.random(in: 0..<16, using: &cases.generator) | (cases.chance(50) ? 0o2004000 : 0)
            let proto: UInt64 = cases.pick([0, 0, 1, 6, 17, 17, 132, 136, 255, 262])
            let level: UInt64 = cases.pick([0, 1, 6, 41])
            let option: UInt64 = cases.pick([4, 5, 6, 9, 16, 20, 31, 35, 42, 57, 76])
            operations += [
                .socket(family: family ^ odd | high, type: type, protocol: proto),
                .socket(family: family, type: cases.pick([1, 2]) | high, protocol: proto ^ odd),
                .socket(family: 2, type: 1 | high, protocol: proto | high), .socketPair(type: type | high),
                .socketOption(level: level | high, option: option | high), .deviceControl(request: cases.pick(Self.requests) | high),
            ]
        }
    }
}

extension EndpointGrant {
    var patterns: [EndpointPattern] {
        switch self {
        case .none, .any: []
        case .endpoints(let list): list.map(\.value)
        }
    }
}

extension ExecuteGrant {
    var paths: [GrantedPath] {
        switch self {
        case .none: []
        case .paths(let paths): paths
        }
    }
}

extension UnixGrant {
    var granted: [String] {
        switch self {
        case .none, .any: []
        case .paths(let paths): paths.map(\.found.resolved)
        }
    }
}

extension EndpointPattern {
    /// Endpoints on both sides of where the set begins and ends.
    var edges: [(IPAddress, UInt16)] {
        let range = ports.range
        let before = range.lowerBound &- 1
        let after = range.upperBound &+ 1
        return addresses.bounds.flatMap { first, last in
            [
                (first, range.lowerBound), (last, range.upperBound), (first.previous, range.lowerBound), (last.next, range.upperBound),
                (first, before), (last, after), (first, range.lowerBound / 2 + range.upperBound / 2),
            ]
        }
    }
}

extension EndpointPattern.Ports {
    var range: ClosedRange<UInt16> {
        switch self {
        case .any: 0...65_535
        case .one(let port): port...port
        case .range(let range): range
        }
    }
}

extension EndpointPattern.Addresses {
    /// First and last address of each stretch; of `public` the stretches that it leaves out.
    var bounds: [(IPAddress, IPAddress)] {
        switch self {
        case .any: [(.v4(0), .v4(.max)), (.v6(high: 0, low: 0), .v6(high: .max, low: .max))]
        case .one(let address): [(address, address)]
        case .network(let network, let prefix): [(network, network.last(of: prefix))]
        case .public: Self.notPublic.map { ($0.network, $0.network.last(of: $0.prefix)) }
        }
    }
}

extension IPAddress {
    var number: UInt128 {
        switch self {
        case .v4(let value): UInt128(value)
        case .v6(let high, let low): UInt128(high) << 64 | UInt128(low)
        }
    }

    /// Of the same family.
    func with(_ number: UInt128) -> IPAddress {
        switch self {
        case .v4: .v4(UInt32(truncatingIfNeeded: number))
        case .v6: .v6(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
        }
    }

    var next: IPAddress { with(number &+ 1) }
    var previous: IPAddress { with(number &- 1) }

    func last(of prefix: Int) -> IPAddress {
        let hosts = width - prefix
        return hosts == 128 ? with(.max) : with(number | ((UInt128(1) << UInt128(hosts)) - 1))
    }

    /// As it is written to an IPv6 socket.
    var mapped: IPAddress {
        switch self {
        case .v4(let value): .v6(high: 0, low: 0xffff_0000_0000 | UInt64(value))
        case .v6: self
        }
    }
}

extension String {
    var parent: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")), slash != utf8.startIndex else { return "/" }
        return String(self[..<slash])
    }
}
