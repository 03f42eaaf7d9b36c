import KernelPlan
import Policy

extension Explanation {
    var egress: Section {
        var section = Section(title: "egress")
        explainTCP(&section)
        section.permit("udp: nothing can be sent")
        section.hold(held(hooks: "sendmsg4 and sendmsg6", seccomp: "sockets that are not TCP"))
        section.permit("unix: no unix socket can be made, but for connected pairs")
        section.hold("seccomp")
        section.permit("dns and names: none; the server sees addresses only")
        return section
    }

    private func explainTCP(_ section: inout Section) {
        switch policy.egress.tcp.orNone {
        case .none:
            section.permit("tcp: connects to nothing")
        case .any:
            section.permit("tcp: connects to any address and port")
            section.note("any includes loopback, the local network and metadata addresses such as 169.254.169.254")
        case .endpoints(let endpoints):
            section.permit("tcp: connects to \(Self.list(endpoints.map { $0.value.description })), and to nothing else")
            if endpoints.contains(where: { $0.value.addresses == .any }) {
                section.note("* includes loopback, the local network and metadata addresses such as 169.254.169.254")
            }
        }
        section.hold(tcpHolders)
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
        section.permit("tcp: nothing can be bound, nobody can connect")
        section.hold("seccomp")
        return section
    }
}
