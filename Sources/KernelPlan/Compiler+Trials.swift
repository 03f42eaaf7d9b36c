import Policy

extension Compiler {
    /// What the self-test tries: something forbidden of each restricted kind, and something permitted.
    func trials(_ mounts: MountPlan?) -> [Trial] {
        baselineTrials + networkTrials + unixTrials + fileTrials + mountTrials(mounts) + processTrials
    }

    private var baselineTrials: [Trial] {
        let baseline: [Trial.Act] = [.ioUring, .trace, .multipathSocket, .routingHeader, .unixDatagramPair]
        return baseline.map { Trial($0, isPermitted: false) } + metadataTrials
    }

    /// It is tried on a file in memory, which a list of executed files takes away.
    private var metadataTrials: [Trial] {
        switch policy.files.metadataGrant {
        case .none: [Trial(.changeMode, isPermitted: false)]
        case .owned: launchesOnce ? [Trial(.changeMode, isPermitted: true)] : []
        }
    }

    // MARK: Network

    private var networkTrials: [Trial] {
        var trials = [Trial(.unixSocket, isPermitted: policy.egress.unix.orNone != .none)]
        trials += listenTrials
        trials.append(Trial(.fastOpen(.loopback, port: 9), isPermitted: false))
        trials += endpointTrials(tcp) { .tcpConnect($0, port: $1) }
        return trials + endpointTrials(udp) { .udpSend($0, port: $1) }
    }

    /// Connecting is tried with a socket that sends nothing, so that whoever is granted notices nothing.
    private var unixTrials: [Trial] {
        let paths = policy.egress.unix.orNone.paths
        guard !paths.isEmpty else { return [] }
        return paths.prefix(4).map { Trial(.unixConnect($0.found.resolved), isPermitted: true) } + [
            Trial(.unixAbstract, isPermitted: false)
        ]
    }

    /// Each takes a new process, so there are fewer of them.
    private var listenTrials: [Trial] {
        switch own {
        case .none: [Trial(.bind, isPermitted: false), Trial(.listen, isPermitted: false)]
        // Not a port that only the privileged may have.
        case .any: [Trial(.accept(.loopback, port: 8_009), isPermitted: true)]
        case .patterns(let patterns): endpointTrials(patterns, of: 3) { .accept($0, port: $1) }
        }
    }

    /// Endpoints on both sides of the boundaries, each tried for what the policy means.
    private func endpointTrials(_ set: AskedEndpoints, _ act: (IPAddress, UInt16) -> Trial.Act) -> [Trial] {
        switch set {
        case .none: return [Trial(act(.loopback, 9), isPermitted: false)]
        case .any: return [Trial(act(.loopback, 9), isPermitted: true)]
        case .patterns(let patterns): return endpointTrials(patterns, of: 8, act)
        }
    }

    private func endpointTrials(
        _ patterns: [EndpointPattern], of most: Int, _ act: (IPAddress, UInt16) -> Trial.Act
    ) -> [Trial] {
        var tried: Set<Trial.Act> = []
        var trials: [Trial] = []
        for endpoint in patterns.prefix(most).flatMap(\.boundaryEndpoints) {
            let trial = act(endpoint.address, endpoint.port)
            guard tried.insert(trial).inserted else { continue }
            trials.append(Trial(trial, isPermitted: patterns.contains { $0.contains(endpoint.address, endpoint.port) }))
        }
        return trials
    }

    // MARK: Files and processes

    private var fileTrials: [Trial] {
        var tried: Set<String> = []
        var trials: [Trial] = []
        for grant in policy.files.readable where tried.count < 8 && tried.insert(grant.found.resolved).inserted {
            let path = grant.found.resolved
            trials.append(Trial(grant.found.kind == .directory ? .list(directory: path) : .read(file: path), isPermitted: true))
        }
        trials += policy.files.writable.prefix(8).map { grant in
            let path = grant.found.resolved
            return Trial(grant.found.kind == .directory ? .write(directory: path) : .writeFile(path), isPermitted: true)
        }
        // `/` can be listed by everybody, and is never granted.
        trials.append(Trial(.list(directory: "/"), isPermitted: false))
        // /dev/shm can be written by everybody.
        if !isWritten("/dev/shm") { trials.append(Trial(.write(directory: "/dev/shm"), isPermitted: false)) }
        return trials
    }

    /// Of each kind of mount what it takes away; what it leaves is tried as any other grant is.
    private func mountTrials(_ mounts: MountPlan?) -> [Trial] {
        guard let mounts else { return [] }
        var trials = mounts.temporary.flatMap { directory in
            [Trial(.seeHost(directory), isPermitted: false), Trial(.write(directory: directory), isPermitted: true)]
        }
        if mounts.hasOwnProc {
            trials += [Trial(.read(file: "/proc/self/status"), isPermitted: true), Trial(.readStranger, isPermitted: false)]
        }
        trials += mounts.readOnly.prefix(4).map { Trial(.change($0), isPermitted: false) }
        return trials + mounts.pinned.prefix(4).map { Trial(.removeDirectory($0), isPermitted: false) }
    }

    private var processTrials: [Trial] {
        [Trial(.fork, isPermitted: policy.processes.spawning == .any)] + (launchesOnce ? [Trial(.execute, isPermitted: false)] : [])
    }
}

extension EndpointPattern {
    /// An endpoint of the set, and its neighbours: the next address, the next port.
    fileprivate var boundaryEndpoints: [(address: IPAddress, port: UInt16)] {
        let inside = addresses.example
        let port = ports.example
        return [(inside, port), (addresses.outside ?? inside.neighbour, port), (inside, ports.outside ?? port)]
    }
}

extension EndpointPattern.Addresses {
    fileprivate var example: IPAddress {
        switch self {
        case .any: .loopback
        case .one(let address): address.connected
        case .network(let network, let prefix): prefix + 1 < network.width ? network.next : network
        case .public: .v4(0xcb00_7107)
        }
    }

    /// `nil` where every address is inside.
    fileprivate var outside: IPAddress? {
        switch self {
        case .any: nil
        case .one(let address): address.connected.neighbour
        case .network(let network, let prefix): prefix == 0 ? nil : network.flipping(bit: prefix - 1).next
        case .public: .v4(0x0a00_0007)
        }
    }
}

extension EndpointPattern.Ports {
    fileprivate var example: UInt16 {
        switch self {
        case .any: 9
        case .one(let port): port
        case .range(let range): range.upperBound
        }
    }

    fileprivate var outside: UInt16? {
        let range = asRange
        if range.upperBound < UInt16.max { return range.upperBound + 1 }
        return range.lowerBound > 1 ? range.lowerBound - 1 : nil
    }
}

extension IPAddress {
    static let loopback = IPAddress.v4(0x7f00_0001)

    /// What connect(2) makes of an address: the unspecified one means loopback.
    var connected: IPAddress {
        guard unmapped.isUnspecified else { return unmapped }
        switch self {
        case .v4: return .loopback
        case .v6(_, let low): return low == 0 ? .v6(high: 0, low: 1) : .loopback
        }
    }

    /// The address that differs in the last bit but one.
    fileprivate var neighbour: IPAddress { flipping(bit: width - 2) }

    /// The address that differs in the last bit.
    fileprivate var next: IPAddress { flipping(bit: width - 1) }

    /// The address that differs in one bit, counted from the first.
    fileprivate func flipping(bit: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(value ^ (1 << UInt32(31 - bit)))
        case .v6(let high, let low):
            bit < 64 ? .v6(high: high ^ (1 << UInt64(63 - bit)), low: low) : .v6(high: high, low: low ^ (1 << UInt64(127 - bit)))
        }
    }
}
