import KernelPlan
import Policy

extension AttemptDrawing {
    private static let stream: UInt64 = 1, datagramKind: UInt64 = 2, multipath: UInt64 = 262

    private func socket(of address: IPAddress, _ type: UInt64, _ proto: UInt64 = 0) -> Attempt.Act {
        .socket(family: address.width == 32 ? 2 : 10, type: type, protocol: proto)
    }

    // MARK: TCP

    mutating func connection() -> Attempt {
        let (address, port) = endpoint(of: policy.egress.tcp)
        let words = [address.description, String(port), Attempt.nonce]
        let plain: [Attempt.Act] = [socket(of: address, Self.stream), .connect(.connect, address, port: port)]
        let truth = Attempt.Truth.arrived(address.connectedHere)
        func attempt(_ act: String, _ takes: [Attempt.Act], _ more: [String] = []) -> Attempt {
            Attempt(takes: takes, act: act, words: words + more, truth: truth)
        }
        func fastOpen(_ act: String, _ proto: UInt64, _ path: Attempt.Act.ConnectPath, _ how: String) -> Attempt {
            attempt(act, [socket(of: address, Self.stream, proto), .connect(path, address, port: port)], [how])
        }
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: return attempt("tcp-later", plain)
        case 1: return attempt("tcp-again", plain)
        case 2: return attempt("tcp-deferred", plain + [.socketOption(level: 6, option: 30)])
        case 3: return fastOpen("fast-open", 0, .sendTo, "sendto")
        case 4: return fastOpen("fast-open", 0, .sendMessage, "sendmsg")
        case 5: return fastOpen("fast-open", 0, .sendMessages, "sendmmsg")
        case 6: return attempt("mptcp", [socket(of: address, Self.stream, Self.multipath), .connect(.connect, address, port: port)])
        case 7: return fastOpen("mptcp-fast-open", Self.multipath, .sendTo, "sendto")
        default: return attempt("tcp", plain)
        }
    }

    // MARK: Endpoints on boundaries

    private static let strangers = [
        "127.0.0.1", "127.0.0.2", "0.0.0.0", "::", "::1", "::ffff:0.0.0.0", "8.8.8.8", "10.0.0.1", "192.0.2.10", "169.254.169.254",
        "2001:db8::10", "fc00::1", "::ffff:127.0.0.1", "::2", "::7f00:1",
    ].map { IPAddress($0)! }

    private mutating func endpoint(of grant: Located<EndpointGrant>?) -> (IPAddress, UInt16) {
        var patterns: [EndpointPattern] = []
        if case .endpoints(let list) = grant.orNone { patterns = list.map(\.value) }
        if case .host(let servers) = policy.egress.dns.orNone, chance(20) { return (one(servers), one([52, 53, 53, 54])) }
        guard !patterns.isEmpty, chance(90) else { return (one(Self.strangers), one(PolicyDrawing.ports)) }
        let pattern = one(patterns)
        // The port of one pattern at the address of another is of neither.
        let ports = chance(80) ? pattern.ports : one(patterns).ports
        let bounds = pattern.addresses.bounds.filter { !$0.isBeyondReach }
        let address = bounds.isEmpty || chance(12) ? one(Self.strangers) : one(bounds)
        return (chance(25) ? address.mappedForm : address, port(ports))
    }

    private mutating func port(_ ports: EndpointPattern.Ports) -> UInt16 {
        switch ports {
        case .any: one(PolicyDrawing.ports)
        case .one(let port): one([port, port, port, port &- 1, port &+ 1].filter { $0 != 0 })
        case .range(let range):
            one([range.lowerBound, range.upperBound, range.lowerBound &- 1, range.upperBound &+ 1].filter { $0 != 0 })
        }
    }

    // MARK: Other sockets

    mutating func datagram() -> Attempt {
        let (address, port) = endpoint(of: policy.egress.udp)
        let words = [address.description, String(port), Attempt.nonce]
        func attempt(_ act: String, _ path: Attempt.Act.SendPath, _ more: [String] = [], _ extra: [Attempt.Act] = []) -> Attempt {
            Attempt(
                takes: [socket(of: address, Self.datagramKind), .send(path, address, port: port)] + extra, act: act, words: words + more,
                truth: .arrived(address.connectedHere))
        }
        if chance(30), !address.unmapped.isUnspecified, address == address.unmapped { return hearing((address, port)) }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1: return attempt("udp-connect", .connect)
        case 2: return attempt("udp", .sendMessage, ["sendmsg"])
        case 3: return attempt("udp", .sendMessages, ["sendmmsg"])
        case 4 where address.width == 32:
            var sent = attempt("udp-four-on-six", .sendTo, ["sendto"])
            sent.takes[0] = .socket(family: 10, type: 2, protocol: 0)
            return sent
        case 5:
            let first = address.width == 32 ? IPAddress("127.0.0.1")! : IPAddress("::1")!
            return attempt("udp-elsewhere", .sendTo, [first.description, "443"], [.send(.connect, first, port: 443)])
        case 6:
            var sent = attempt("udplite", .connect)
            sent.takes[0] = socket(of: address, Self.datagramKind, 136)
            return sent
        default: return attempt("udp", .sendTo, ["sendto"])
        }
    }

    /// Mostly an endpoint that may be sent to: whoever may not send has no port to hear at.
    private mutating func first(_ endpoint: (IPAddress, UInt16)) -> (IPAddress, UInt16) {
        guard case .endpoints(let list) = policy.egress.udp.orNone, chance(80) else { return endpoint }
        let pattern = one(list).value
        let port: UInt16 =
            switch pattern.ports {
            case .any: 443
            case .one(let port): port
            case .range(let range): range.lowerBound
            }
        let address = pattern.addresses.bounds.first ?? endpoint.0
        return address.isUnspecified || address.isBeyondReach ? endpoint : (address.unmapped, port)
    }

    /// It sends to one endpoint, and hears from another, or from the same.
    private mutating func hearing(_ asked: (IPAddress, UInt16)) -> Attempt {
        let (address, port) = first(asked)
        let drawn = endpoint(of: policy.egress.udp)
        let isOther = drawn.0 == drawn.0.unmapped && drawn.0.width == address.width && !drawn.0.isUnspecified && chance(60)
        let source = isOther ? drawn : (address, port)
        return Attempt(
            takes: [
                socket(of: address, Self.datagramKind), .send(.sendTo, address, port: port), .receive(source.0, port: source.1),
            ],
            act: "udp-hear", words: [address.description, String(port), Attempt.nonce], truth: .heardFrom(source.0, source.1))
    }

    /// Bits that no int has mean nothing to the kernel, and must mean nothing to a filter.
    private mutating func disguised(_ number: UInt64) -> UInt64 {
        chance(25) ? number | UInt64(1) << UInt64.random(in: 32..<64, using: &generator) : number
    }

    private static let sockets: [(UInt64, UInt64, UInt64)] = [
        (2, 1, 0), (2, 1, 6), (10, 1, 0), (10, 1, 6), (2, 2, 0), (10, 2, 17), (1, 1, 0), (1, 2, 0), (1, 5, 0), (16, 3, 0), (2, 1, 262),
        (10, 1, 262), (2, 2, 136), (40, 1, 0), (2, 0o2000001, 0), (10, 0o4001, 6), (1, 0o2000001, 0),
    ]
    private static let options: [(UInt64, UInt64, UInt64)] = [
        (0, 4, 0), (41, 57, 0), (6, 1, 4), (1, 2, 4), (41, 26, 4), (1, 9, 4), (6, 30, 4),
    ]

    mutating func socket() -> Attempt {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let type = disguised(one([1, 2, 5, 0o2000001]))
            return Attempt(takes: [.socketPair(type: type)], act: "pair", words: [String(type), Attempt.nonce], truth: .told)
        case 1:
            let (level, option, length) = one(Self.options)
            let (asked, chosen) = (disguised(level), disguised(option))
            return Attempt(
                takes: [.socket(family: level == 41 ? 10 : 2, type: 1, protocol: 0), .socketOption(level: asked, option: chosen)],
                act: "option", words: [String(asked), String(chosen), String(length)], truth: .claimed)
        default:
            let (family, type, proto) = one(Self.sockets)
            let asked = (disguised(family), disguised(type), disguised(proto))
            return Attempt(
                takes: [.socket(family: asked.0, type: asked.1, protocol: asked.2)], act: "socket",
                words: [String(asked.0), String(asked.1), String(asked.2)], truth: .claimed)
        }
    }

    /// Unix sockets of outsiders, by path and by name.
    mutating func local() -> Attempt {
        let isAbstract = chance(40)
        let path = isAbstract ? "@" + name() + "-" + String(stage.next()) : stage.tree.path(one([Tree.neutral, "a", "d"])) + "/" + name()
        let words = [path, Attempt.nonce]
        let to: Attempt.Act.UnixName = isAbstract ? .abstract(path) : .path(path)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            return Attempt(
                takes: [.socket(family: 1, type: 1, protocol: 0), .unix(.connect, to)], act: "unix-stream", words: words,
                truth: .arrived(nil),
                props: [.socket(path)])
        case 1:
            return Attempt(
                takes: [.socket(family: 1, type: 2, protocol: 0), .unix(.sendTo, to)], act: "unix-datagram", words: words,
                truth: .arrived(nil),
                props: [.datagramSocket(path)])
        default:
            return Attempt(
                takes: [.socketPair(type: 2), .unix(.sendFromPair, to)], act: "unix-pair", words: words, truth: .arrived(nil),
                props: [.datagramSocket(path)])
        }
    }

    /// Ports of its own; a port is used once.
    mutating func own() -> Attempt {
        guard !ownPorts.isEmpty, !chance(15) else { return listeningUnbound() }
        let address = one(PolicyDrawing.ownAddresses)
        let port = ownPorts.remove(at: Int.random(in: 0..<ownPorts.count, using: &generator))
        let words = [address.description, String(port)]
        let reached = address.connectedHere
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            return Attempt(takes: [socket(of: address, 1), .bind(.tcp, address, port: port)], act: "bind-tcp", words: words, truth: .taken)
        case 1:
            return Attempt(
                takes: [socket(of: address, 2), .bind(.udp, address, port: port)], act: "bind-udp", words: words,
                truth: .heard(at: reached))
        case 2:
            return Attempt(
                takes: [socket(of: address, 1, 262), .bind(.tcp, address, port: port), .listen, .accept(.bound, reached, port: port)],
                act: "listen-mptcp", words: words, truth: .heard(at: reached))
        default:
            return Attempt(
                takes: [socket(of: address, 1), .bind(.tcp, address, port: port), .listen, .accept(.bound, reached, port: port)],
                act: "listen", words: words, truth: .heard(at: reached))
        }
    }

    /// The kernel chooses a port; which, no policy drawn here tells from its neighbours.
    private func listeningUnbound() -> Attempt {
        let loopback = IPAddress("::1")!
        return Attempt(
            takes: [socket(of: loopback, 1), .listen, .accept(.unbound, loopback, port: 40_000)], act: "listen-unbound", words: [],
            truth: .heard(at: loopback))
    }
}

extension EndpointPattern.Addresses {
    /// The first and the last address, and those just outside.
    fileprivate var bounds: [IPAddress] {
        switch self {
        case .any: []
        case .one(let address): [address, address, address.before, address.after]
        case .network(let network, let prefix):
            [network, network.last(prefix), network.before, network.last(prefix).after]
        case .public:
            Self.notPublic.flatMap { block -> [IPAddress] in
                [block.network, block.network.last(block.prefix), block.network.before, block.network.last(block.prefix).after]
            }
        }
    }
}

extension IPAddress {
    fileprivate var after: IPAddress {
        switch self {
        case .v4(let value): .v4(value &+ 1)
        case .v6(let high, let low): .v6(high: low == .max ? high &+ 1 : high, low: low &+ 1)
        }
    }

    fileprivate var before: IPAddress {
        switch self {
        case .v4(let value): .v4(value &- 1)
        case .v6(let high, let low): .v6(high: low == 0 ? high &- 1 : high, low: low &- 1)
        }
    }

    fileprivate func last(_ prefix: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(prefix == 32 ? value : value | (.max >> UInt32(prefix)))
        case .v6(let high, let low):
            .v6(
                high: prefix >= 64 ? high : high | (.max >> UInt64(prefix)),
                low: prefix == 128 ? low : prefix <= 64 ? .max : low | (.max >> UInt64(prefix - 64)))
        }
    }

    /// An IPv4 address as IPv6 sockets are given it.
    fileprivate var mappedForm: IPAddress {
        guard case .v4(let value) = self else { return self }
        return .v6(high: 0, low: 0xffff_0000_0000 | UInt64(value))
    }

    /// Multicast, broadcast, and what needs to be told by which device: nobody connects there.
    fileprivate var isBeyondReach: Bool {
        switch unmapped {
        case .v4(let value): value >> 28 == 0xe || value == .max || value == 0x7fff_ffff
        case .v6(let high, _): high >> 56 == 0xff || high >> 54 == 0x3fa
        }
    }

    /// Where the kernel takes it to; said here anew, since the model's own reading is what is put to the proof.
    fileprivate var connectedHere: IPAddress {
        switch unmapped {
        case .v4(0): .v4(0x7f00_0001)
        case .v6(0, 0): .v6(high: 0, low: 1)
        default: unmapped
        }
    }
}
