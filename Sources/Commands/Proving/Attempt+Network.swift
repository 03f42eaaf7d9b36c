import KernelPlan
import Policy

extension Attempt {
    private static let stream: UInt64 = 1
    private static let datagram: UInt64 = 2
    private static let mptcp: UInt64 = 262
    private static let udpLite: UInt64 = 136

    private static func connect(_ target: Target) -> [Operation] { [.connect(.connect, target.address, port: target.port)] }
    private static func fastOpen(_ target: Target) -> [Operation] { [.connect(.sendTo, target.address, port: target.port)] }
    private static func multipath(_ target: Target) -> [Operation] {
        [.socket(family: target.address.family, type: stream, protocol: mptcp), .connect(.connect, target.address, port: target.port)]
    }
    private static func send(_ path: Operation.SendPath) -> @Sendable (Target) -> [Operation] {
        { [.socket(family: $0.address.family, type: datagram, protocol: 0), .send(path, $0.address, port: $0.port)] }
    }
    private static func lite(_ path: Operation.SendPath) -> @Sendable (Target) -> [Operation] {
        { [.socket(family: $0.address.family, type: datagram, protocol: udpLite), .send(path, $0.address, port: $0.port)] }
    }

    static let network: [Attempt] = tcp + udp + unix + ingress

    private static let tcp: [Attempt] = [
        Attempt("tcp", .tcp, "connect(2)", "tcp {address} {port} {nonce}", at: .receivers, seen: .receiver, connect),
        Attempt("tcp-after-unspec", .tcp, "connect(2) to no family, then to one", "tcp-after-unspec {address} {port} {nonce}", at: .families, seen: .receiver, connect),
        Attempt("mptcp", .tcp, "multipath TCP", "mptcp {address} {port} {nonce}", at: .families, seen: .receiver, multipath),
        Attempt("mptcp-high-bit", .tcp, "multipath TCP, a high bit set", "mptcp-high-bit {address} {port} {nonce}", at: .receiver, seen: .receiver, multipath),
        Attempt("fast-open-sendto", .tcp, "sendto(2) with MSG_FASTOPEN", "fast-open-sendto {address} {port} {nonce}", at: .families, seen: .receiver, fastOpen),
        Attempt("fast-open-sendmsg", .tcp, "sendmsg(2) with MSG_FASTOPEN", "fast-open-sendmsg {address} {port} {nonce}", at: .families, seen: .receiver, fastOpen),
        Attempt("fast-open-sendmmsg", .tcp, "sendmmsg(2) with MSG_FASTOPEN", "fast-open-sendmmsg {address} {port} {nonce}", at: .families, seen: .receiver, fastOpen),
        Attempt("fast-open-high-bit", .tcp, "MSG_FASTOPEN, a high bit set", "fast-open-high-bit {address} {port} {nonce}", at: .receiver, seen: .receiver, fastOpen),
        Attempt("fast-open-mptcp", .tcp, "MSG_FASTOPEN over multipath TCP", "fast-open-mptcp {address} {port} {nonce}", at: .receiver, seen: .receiver) { fastOpen($0) + multipath($0) },
        Attempt("fast-open-option", .tcp, "TCP_FASTOPEN_CONNECT", "fast-open-option {address} {port} {nonce}", at: .families, seen: .receiver) { [.socketOption(level: 6, option: 30)] + connect($0) },
        Attempt("tcp-int80", .tcp, "the 32-bit entry, int 0x80", "tcp-int80 {address} {port} {nonce}", at: .receiver, seen: .receiver) { _ in [.forbidden(call: "int 0x80")] },
    ]

    private static let udp: [Attempt] = [
        Attempt("udp-sendto", .udp, "sendto(2)", "udp-sendto {address} {port} {nonce}", at: .receivers, seen: .receiver, send(.sendTo)),
        Attempt("udp-connect", .udp, "connect(2), send(2)", "udp-connect {address} {port} {nonce}", at: .families, seen: .receiver, send(.connect)),
        Attempt("udp-sendmsg", .udp, "sendmsg(2)", "udp-sendmsg {address} {port} {nonce}", at: .families, seen: .receiver, send(.sendMessage)),
        Attempt("udp-sendmmsg", .udp, "sendmmsg(2)", "udp-sendmmsg {address} {port} {nonce}", at: .families, seen: .receiver, send(.sendMessages)),
        Attempt("udp-unspec", .udp, "sendto(2) to no family", "udp-unspec {address} {port} {nonce}", at: .receiver, seen: .receiver, send(.sendTo)),
        Attempt("udp-four-on-six", .udp, "IPv4 from an IPv6 socket", "udp-four-on-six {address} {port} {nonce}", at: .receiver, seen: .receiver, send(.sendTo)),
        Attempt("udplite-connect", .udp, "UDP-Lite, connect(2)", "udplite-connect {address} {port} {nonce}", at: .receiver, seen: .receiver, lite(.connect)),
        Attempt("udplite-sendto", .udp, "UDP-Lite, sendto(2)", "udplite-sendto {address} {port} {nonce}", at: .receiver, seen: .receiver, lite(.sendTo)),
    ]

    private static let unix: [Attempt] = [
        Attempt("unix-stream", .unix, "connect(2) by path", "unix-stream {outside}/stream {nonce}", seen: .receiver) { [.socket(family: 1, type: stream, protocol: 0), $0.unix(.connect, "{outside}/stream")] },
        Attempt("unix-stream-abstract", .unix, "connect(2) by abstract name", "unix-stream {abstract}-stream {nonce}", seen: .receiver) { [.socket(family: 1, type: stream, protocol: 0), $0.unix(.connect, "{abstract}-stream")] },
        Attempt("unix-high-bit", .unix, "the family with a high bit set", "unix-high-bit {outside}/stream {nonce}", seen: .receiver) { [.socket(family: 1, type: stream, protocol: 0), $0.unix(.connect, "{outside}/stream")] },
        Attempt("unix-datagram", .unix, "sendto(2) by path", "unix-datagram {outside}/datagram {nonce}", seen: .receiver) { [.socket(family: 1, type: datagram, protocol: 0), $0.unix(.sendTo, "{outside}/datagram")] },
        Attempt("unix-datagram-abstract", .unix, "sendto(2) by abstract name", "unix-datagram {abstract}-datagram {nonce}", seen: .receiver) { [.socket(family: 1, type: datagram, protocol: 0), $0.unix(.sendTo, "{abstract}-datagram")] },
        Attempt("unix-pair", .unix, "one of a pair, connected elsewhere", "unix-pair {outside}/datagram {nonce}", seen: .receiver) { [.socketPair(type: datagram), $0.unix(.sendFromPair, "{outside}/datagram")] },
        Attempt("unix-pair-abstract", .unix, "the same, by abstract name", "unix-pair {abstract}-datagram {nonce}", seen: .receiver) { [.socketPair(type: datagram), $0.unix(.sendFromPair, "{abstract}-datagram")] },
        Attempt("unix-pair-sendto", .unix, "one of a pair, sendto(2)", "unix-pair-sendto {outside}/datagram {nonce}", seen: .receiver) { [.socketPair(type: datagram), $0.unix(.sendFromPair, "{outside}/datagram")] },
        Attempt("unix-pair-sendto-abstract", .unix, "the same, by abstract name", "unix-pair-sendto {abstract}-datagram {nonce}", seen: .receiver) { [.socketPair(type: datagram), $0.unix(.sendFromPair, "{abstract}-datagram")] },
        Attempt("listen-unix", .unix, "a listener by path", "listen-unix {outside}/made", seen: .exists("{outside}/made")) { [$0.unix(.bind, "{outside}/made"), $0.unix(.listen, "{outside}/made")] },
        Attempt("listen-unix-writable", .unix, "a listener in what may be written", "listen-unix {writable}/made", seen: .exists("{writable}/made")) { [$0.unix(.bind, "{writable}/made"), $0.unix(.listen, "{writable}/made")] },
        Attempt("listen-unix-abstract", .unix, "a listener by abstract name", "listen-unix {abstract}-made", seen: .answer) { [$0.unix(.bind, "{abstract}-made"), $0.unix(.listen, "{abstract}-made")] },
        Attempt("pair", .unix, "a pair that talks to itself", "pair", seen: .answer) { _ in [.socketPair(type: stream)] },
    ]

    /// Multipath before plain TCP: what is permitted goes on listening.
    private static let ingress: [Attempt] = [
        Attempt("listen-mptcp", .ingress, "bind(2) and listen(2), multipath TCP", "listen-mptcp {address} {port}", at: .own, seen: .listener) {
            [.socket(family: $0.address.family, type: stream, protocol: mptcp), .bind(.tcp, $0.address, port: $0.port), .listen, .accept(.bound, $0.address, port: $0.port)]
        },
        Attempt("listen-tcp", .ingress, "bind(2) and listen(2)", "listen-tcp {address} {port}", at: .own, seen: .listener) {
            [.bind(.tcp, $0.address, port: $0.port), .listen, .accept(.bound, $0.address, port: $0.port)]
        },
        Attempt("listen-unbound", .ingress, "listen(2) without bind(2)", "listen-unbound", seen: .answer) { _ in [.listen] },
        Attempt("bind-udp", .ingress, "datagrams to a bound UDP socket", "bind-udp {address} {port}", at: .own, seen: .datagram) {
            [.socket(family: $0.address.family, type: datagram, protocol: 0), .bind(.udp, $0.address, port: $0.port)]
        },
    ]
}

extension IPAddress {
    /// AF_INET or AF_INET6, as the socket has it that is given this address.
    fileprivate var family: UInt64 {
        switch self {
        case .v4: 2
        case .v6: 10
        }
    }
}
