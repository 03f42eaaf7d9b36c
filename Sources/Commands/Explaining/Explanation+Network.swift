import KernelPlan
import Policy

extension Explanation {
    var egress: Section {
        var section = Section(title: "egress")
        if policy.egress.names.orNone == .none {
            explain("tcp", "connects to", policy.egress.tcp.orNone, &section)
            section.hold(holders("egress.tcp", else: tcpHolders))
        } else {
            explainNames(policy.egress.names.orNone, &section)
        }
        explain("udp", "sends to", policy.egress.udp.orNone, &section)
        section.hold(holders("egress.udp", else: held(hooks: "sendmsg4 and sendmsg6", seccomp: "sockets that are not TCP")))
        explainUnix(&section)
        section.hold(holders("egress.unix", else: "seccomp"))
        explainDNS(&section)
        return section
    }

    private func explain(_ transport: String, _ verb: String, _ grant: EndpointGrant, _ section: inout Section) {
        switch grant {
        case .none: section.permit("\(transport): \(verb) nothing")
        case .any:
            section.permit("\(transport): \(verb) any address and port")
            section.note("any includes \(Self.insiders)")
        case .endpoints(let endpoints):
            section.permit("\(transport): \(verb) \(Self.list(endpoints.map { $0.value.description })), and to nothing else")
            if endpoints.contains(where: { $0.value.addresses == .any }) { section.note("* includes \(Self.insiders)") }
            if endpoints.contains(where: { $0.value.addresses.isWholeFamily }) { section.note("a network of /0 includes \(Self.insiders)") }
        }
    }

    /// Who holds what is said truthfully: the kernel knows the proxy, the proxy the names.
    private func explainNames(_ names: NamesGrant, _ section: inout Section) {
        section.permit("tcp: connects to nothing but the session's name proxy, at \(NameDoor.address):\(NameDoor.port)")
        section.hold("an empty network namespace whose only listener is the proxy's; seccomp (no Fast Open, no multipath TCP)")
        let patterns = names.patterns
        let tls = patterns.filter { !$0.isPlain }, plain = patterns.filter(\.isPlain)
        if !tls.isEmpty { section.permit("names: by TLS that asks for the name itself, \(Self.list(tls.map(Self.words)))") }
        if !plain.isEmpty { section.permit("names: whatever is spoken, \(Self.list(plain.map(Self.words)))") }
        section.hold("sandbox-proxy, by name; the kernel sees the proxy alone")
        section.note("the server behind a permitted name can front for another: what is asked for inside of TLS nobody sees")
        section.note(
            "names are looked up at \(Self.list(policy.egress.resolvers.map { "\($0)" })) and not in /etc/hosts, each time anew; "
                + "answers that are not public are not connected to")
    }

    private static func words(_ pattern: NamePattern) -> String {
        let hosts = pattern.hosts == .any ? "any name" : Escaping.quoted(pattern.hosts.description)
        return "\(hosts) \(pattern.ports == .any ? "at any port" : "at port \(pattern.ports)")"
    }

    private static let insiders = "loopback, the local network and metadata addresses such as 169.254.169.254"

    private func explainUnix(_ section: inout Section) {
        switch policy.egress.unix.orNone {
        case .none: section.permit("unix: no unix socket can be made, but for connected pairs")
        case .any:
            section.permit("unix: connects to every unix socket that ordinary permissions let it")
            section.note(Self.peers("every service of this host that listens on a unix socket is"))
        case .paths(let paths):
            section.permit(
                "unix: connects to \(Self.list(paths.map { Escaping.quoted($0.path) })); binding, listening and accepting stay denied")
            section.note(Self.peers(paths.count == 1 ? "whoever listens there is" : "those who listen there are"))
        }
    }

    private static func peers(_ who: String) -> String {
        "\(who) trusted with what may be passed, descriptors included: a socket that is passed connected, or listening, is held by no clause"
    }

    private func explainDNS(_ section: inout Section) {
        switch policy.egress.dns.orNone {
        case .none where policy.egress.names.orNone != .none: section.permit("dns: none; the proxy looks names up")
        case .none: section.permit("dns and names: none; the server sees addresses only")
        case .host(let nameservers):
            section.permit("dns: asks port 53 of \(Self.list(nameservers.map { "\($0)" })), by UDP and TCP; names: none of its own")
            section.hold(holders("egress.dns", else: held(hooks: "connect and sendmsg", seccomp: "other sockets")))
            section.note("a nameserver passes questions on: data can leave in them")
        }
    }

    private var tcpHolders: String {
        var holders: [String] = []
        if plan.cgroup != nil { holders.append("programs at connect4 and connect6 (by address and port)") }
        if plan.landlock.connectPorts != nil { holders.append("Landlock (by port)") }
        holders.append("seccomp (no Fast Open, no multipath TCP)")
        return Self.list(holders)
    }

    private func held(hooks: String, seccomp: String) -> String {
        plan.cgroup == nil ? "seccomp (\(seccomp))" : "seccomp (\(seccomp)) and programs at \(hooks)"
    }

    var ingress: Section {
        var section = Section(title: "ingress")
        switch policy.ingress.tcp.orNone {
        case .none: section.permit("tcp: nothing can be bound, nobody can connect")
        case .any:
            section.permit("tcp: binds and listens at any address and port")
            section.note("any includes addresses that others on the network reach")
        case .endpoints(let endpoints):
            section.permit("tcp: binds and listens at \(Self.list(endpoints.map { $0.value.description })), and nowhere else")
            if endpoints.contains(where: { [.any, .public].contains($0.value.addresses) }) {
                section.note("others on the network may reach what listens there")
            }
        }
        section.hold(holders("ingress.tcp", else: "seccomp"))
        return section
    }
}

extension EndpointPattern.Addresses {
    fileprivate var isWholeFamily: Bool {
        if case .network(_, prefix: 0) = self { true } else { false }
    }
}
