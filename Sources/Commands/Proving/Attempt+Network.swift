import KernelPlan

extension Attempt {
    static let network: [Attempt] = tcp + udp + unix + ingress

    /// A high bit of a register, which the kernel does not look at.
    private static let high: UInt64 = 0x1_0000_0000

    // MARK: TCP

    private static func tcp(_ id: String, _ what: String, _ asks: [Ask], at aim: Aim = .families) -> Attempt {
        Attempt(id, .tcp, what, "{address} {port} {nonce}", at: aim, seen: .receiver, asks)
    }

    private static let tcp: [Attempt] = [
        tcp("tcp", "connect(2)", [.connect], at: .receivers),
        tcp("tcp-named", "connect(2), the protocol named", [.socket(1, 6), .connect]),
        tcp("tcp-high-bit", "connect(2), high bits in type and protocol", [.socket(high | 1, high | 6), .connect]),
        tcp("tcp-after-unspec", "connect(2) to no family, then to one", [.connect]),
        tcp("tcp-nonblocking", "connect(2) without waiting", [.connect]),
        tcp("tcp-thread", "connect(2) in a new thread", [.connect]),
        tcp("tcp-vectors", "connect(2), pwritev2(2)", [.connect]),
        tcp("tcp-bound", "bind(2), then connect(2)", [.bindAnywhere, .connect]),
        tcp("mptcp", "multipath TCP", [.socket(1, 262), .connect]),
        tcp("mptcp-high-bit", "multipath TCP, a high bit in the protocol", [.socket(1, high | 262), .connect]),
        tcp("mptcp-flags", "multipath TCP, a flag in the type", [.socket(1 | 0o2000000, 262), .connect]),
        tcp("sctp", "SCTP", [.socket(1, 132), .connect], at: .receiver),
        tcp("smc", "SMC by its protocol", [.socket(1, 256), .connect], at: .receiver),
        tcp("smc-family", "SMC by its family", [.family(43, 1, 0), .connect], at: .receiver),
        tcp("fast-open-sendto", "sendto(2) with MSG_FASTOPEN", [.fastOpen]),
        tcp("fast-open-sendmsg", "sendmsg(2) with MSG_FASTOPEN", [.fastOpen]),
        tcp("fast-open-sendmmsg", "sendmmsg(2) with MSG_FASTOPEN", [.fastOpen]),
        tcp("fast-open-high-bit", "sendto(2), a high bit in its flags", [.fastOpen], at: .receiver),
        tcp("fast-open-sendmsg-high-bit", "sendmsg(2), a high bit in its flags", [.fastOpen], at: .receiver),
        tcp("fast-open-sendmmsg-high-bit", "sendmmsg(2), a high bit in its flags", [.fastOpen], at: .receiver),
        tcp("fast-open-more", "MSG_FASTOPEN beside other flags", [.fastOpen], at: .receiver),
        tcp("fast-open-mptcp", "MSG_FASTOPEN over multipath TCP", [.socket(1, 262), .fastOpen], at: .receiver),
        tcp("fast-open-option", "TCP_FASTOPEN_CONNECT", [.option(6, 30), .connect]),
        tcp("uring-connect", "connect by an io_uring", [.forbidden("io_uring_setup"), .connect], at: .receiver),
        tcp("uring-fast-open", "Fast Open by an io_uring", [.forbidden("io_uring_setup"), .fastOpen], at: .receiver),
        tcp("tcp-int80", "the 32-bit entry, int 0x80", [.forbidden("int 0x80"), .connect], at: .receiver),
        tcp("tcp-socketcall", "socketcall of the 32-bit entry", [.forbidden("int 0x80"), .connect], at: .receiver),
        tcp("tcp-x32", "the x32 entry", [.forbidden("x32"), .connect], at: .receiver),
        Attempt("tcp-ulp", .tcp, "another protocol on a connection (TCP_ULP)", "", seen: .answer, [.option(6, 31)]),
        Attempt("source-route", .tcp, "packets by way of another address (IP_OPTIONS)", "", seen: .answer, [.option(0, 4)]),
        Attempt("source-route-high-bit", .tcp, "the same, high bits set", "", seen: .answer, [.option(high, high | 4)]),
        Attempt("routing-header", .tcp, "packets by way of another address (IPV6_RTHDR)", "", seen: .answer, [.option(41, 57)]),
    ]

    // MARK: UDP

    private static func udp(_ id: String, _ what: String, _ asks: [Ask], at aim: Aim = .families) -> Attempt {
        Attempt(id, .udp, what, "{address} {port} {nonce}", at: aim, seen: .receiver, asks)
    }

    private static let udp: [Attempt] = [
        udp("udp-sendto", "sendto(2)", [.socket(2, 0), .send(.sendTo)], at: .receivers),
        udp("udp-connect", "connect(2), send(2)", [.socket(2, 0), .send(.connect)]),
        udp("udp-named", "the same, the protocol named", [.socket(2, 17), .send(.connect)]),
        udp("udp-flags", "the same, flags in the type", [.socket(2 | 0o2000000, 0), .send(.connect)]),
        udp("udp-high-bit", "the same, high bits in type and protocol", [.socket(high | 2, high | 17), .send(.connect)]),
        udp("udp-sendmsg", "sendmsg(2)", [.socket(2, 0), .send(.sendMessage)]),
        udp("udp-sendmmsg", "sendmmsg(2)", [.socket(2, 0), .send(.sendMessages)]),
        udp("udp-unspec", "sendto(2) to no family", [.socket(2, 0), .send(.sendTo)], at: .receiver),
        udp("udp-four-on-six", "IPv4 from an IPv6 socket", [.family(10, 2, 0), .send(.sendTo)], at: .receiver),
        udp("udplite-connect", "UDP-Lite, connect(2)", [.socket(2, 136), .send(.connect)], at: .receiver),
        udp("udplite-high-bit", "the same, a high bit in the protocol", [.socket(2, high | 136), .send(.connect)], at: .receiver),
        udp("udplite-sendto", "UDP-Lite, sendto(2)", [.socket(2, 136), .send(.sendTo)], at: .receiver),
        udp("udplite-sendmsg", "UDP-Lite, sendmsg(2)", [.socket(2, 136), .send(.sendMessage)], at: .receiver),
        udp("uring-datagram", "a datagram by an io_uring", [.forbidden("io_uring_setup"), .send(.sendMessage)], at: .receiver),
        Attempt("ping", .udp, "an echo request by a ping socket", "{address} {nonce}", at: .receiver, seen: .answer, [.socket(2, 1)]),
        Attempt("join-group", .udp, "a multicast group, of which others are told", "", seen: .answer, [.option(0, 35)]),
        Attempt("join-group-six", .udp, "the same over IPv6", "", seen: .answer, [.option(41, 20)]),
    ]

    // MARK: Unix sockets

    private static func path(_ id: String, _ what: String, _ name: String, _ kind: UInt64, _ act: Operation.UnixAct = .connect) -> Attempt {
        Attempt(id, .unix, what, "\(name) {nonce}", seen: .receiver, [.family(1, kind, 0), .unix(act, name)])
    }

    private static func pair(_ id: String, _ what: String, _ name: String, _ kind: UInt64 = 2) -> Attempt {
        Attempt(id, .unix, what, "\(name) {nonce}", seen: .receiver, [.pair(kind), .unix(.sendFromPair, name)])
    }

    private static func abstract(_ act: String, _ kind: String, _ asks: [Ask]) -> Attempt {
        let words = "=\(act) {abstract}-\(kind) {nonce}"
        return Attempt("\(act)-abstract", .unix, "the same by abstract name", words, seen: .receiver, asks)
    }

    private static let unix: [Attempt] = [
        path("unix-stream", "connect(2) by path", "{outside}/stream", 1),
        abstract("unix-stream", "stream", [.family(1, 1, 0), .unix(.connect, "{abstract}-stream")]),
        path("unix-flags", "connect(2), flags in the type", "{outside}/stream", 1 | 0o2000000),
        path("unix-high-bit", "connect(2), a high bit in the family", "{outside}/stream", 1),
        path("unix-type-high-bit", "connect(2), a high bit in the type", "{outside}/stream", high | 1),
        path("unix-relative", "connect(2) by name, from its directory", "{outside}/stream", 1),
        path("unix-descriptor", "connect(2) through a descriptor of its file", "{outside}/stream", 1),
        path("unix-datagram", "sendto(2) by path", "{outside}/datagram", 2, .sendTo),
        abstract("unix-datagram", "datagram", [.family(1, 2, 0), .unix(.sendTo, "{abstract}-datagram")]),
        path("unix-datagram-connect", "connect(2) of datagrams", "{outside}/datagram", 2, .sendTo),
        path("unix-datagram-message", "sendmsg(2)", "{outside}/datagram", 2, .sendTo),
        path("unix-datagram-messages", "sendmmsg(2)", "{outside}/datagram", 2, .sendTo),
        path("unix-raw", "datagrams, asked for as raw", "{outside}/datagram", 3, .sendTo),
        pair("unix-pair", "one of a pair, connected elsewhere", "{outside}/datagram"),
        abstract("unix-pair", "datagram", [.pair(2), .unix(.sendFromPair, "{abstract}-datagram")]),
        pair("unix-pair-high-bit", "the same, a high bit in the type", "{outside}/datagram", high | 2),
        pair("unix-pair-raw", "the same, asked for as raw", "{outside}/datagram", 3),
        pair("unix-pair-sendto", "one of a pair, sendto(2)", "{outside}/datagram"),
        abstract("unix-pair-sendto", "datagram", [.pair(2), .unix(.sendFromPair, "{abstract}-datagram")]),
        pair("unix-pair-message", "one of a pair, sendmsg(2)", "{outside}/datagram"),
        listener("listen-unix", "a listener by path", "=listen-unix", "{outside}/made"),
        listener("listen-unix-writable", "a listener in what may be written", "=listen-unix", "{writable}/made"),
        listener("listen-unix-packets", "a listener for packets", "=listen-unix-packets", "{outside}/made"),
        listener("unix-bind", "bind(2) of datagrams", "=unix-bind", "{outside}/made"),
        Attempt(
            "listen-unix-abstract", .unix, "a listener by abstract name", "=listen-unix {abstract}-made", seen: .answer,
            [.unix(.bind, "{abstract}-made"), .unix(.listen, "{abstract}-made")]),
        Attempt("unix-autobind", .unix, "a name of the kernel's choice", "", seen: .answer, [.unix(.autobind, "{abstract}")]),
        Attempt("unix-pair-autobind", .unix, "the same for one of a pair", "", seen: .answer, [.unix(.autobind, "{abstract}")]),
        Attempt(
            "uring-socket", .unix, "a socket made by an io_uring", "{outside}/stream {nonce}", seen: .receiver,
            [.forbidden("io_uring_setup"), .unix(.connect, "{outside}/stream")]),
        Attempt("pair", .unix, "a pair that talks to itself", "", seen: .answer, [.pair(1)]),
    ]

    private static func listener(_ id: String, _ what: String, _ act: String, _ name: String) -> Attempt {
        Attempt(id, .unix, what, "\(act) \(name)", seen: .exists(name), [.unix(.bind, name), .unix(.listen, name)])
    }

    // MARK: Own endpoints

    /// Others before plain TCP: what is permitted goes on listening.
    private static let ingress: [Attempt] = [
        Attempt(
            "listen-mptcp", .ingress, "bind(2) and listen(2), multipath TCP", "{address} {port}", at: .own, seen: .listener,
            [.socket(1, 262), .bind(.tcp), .listen, .accept]),
        Attempt(
            "bind-udp", .ingress, "datagrams to a bound UDP socket", "{address} {port}", at: .own, seen: .datagram,
            [.socket(2, 0), .bind(.udp)]),
        Attempt(
            "listen-tcp", .ingress, "bind(2) and listen(2)", "{address} {port}", at: .own, seen: .listener,
            [.bind(.tcp), .listen, .accept]),
        Attempt("listen-unbound", .ingress, "listen(2) without bind(2)", "", seen: .answer, [.listen]),
        Attempt("listen-unbound-six", .ingress, "the same over IPv6", "", seen: .answer, [.listen]),
    ]
}
