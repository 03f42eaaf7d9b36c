import Policy

extension KernelPlan {
    /// The plan as stable text, one fact a line: for `sandboxctl plan`, golden tests and diffs.
    public var text: String {
        var lines = ["custody  \(custody.rawValue)", "user     \(user.kind)"]
        lines += choices.map { "held     \($0.text)" }
        lines += landlock.lines + (cgroup?.lines ?? ["cgroup   no programs"]) + (mounts?.lines ?? []) + limits.lines
        if hasEmptyNetwork { lines.append("network  empty namespace") }
        if let doorPort { lines.append("network  the name proxy's listener at \(NameDoor.address):\(doorPort)") }
        lines += seccomp.lines
        lines.append("launch   \(launchesOnce ? "once: execve is answered by ENOSYS afterwards" : "execve of granted files")")
        lines.append("denials  \(observedDenials.isEmpty ? "none is recorded" : "recorded: \(observedDenials.joined(separator: " "))")")
        lines += trials.map { "trial    \($0.text)" }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension LandlockPlan {
    fileprivate var lines: [String] {
        var lines = ["landlock ABI \(abi), handles \(handledFiles.names.joined(separator: " "))"]
        lines += paths.map { "landlock \($0.path): \($0.rights.names.joined(separator: " "))" }
        lines += mounted.map { "landlock mount \($0.path): \($0.rights.names.joined(separator: " "))" }
        if let connectPorts { lines.append("landlock tcp connect: \(Self.text(connectPorts))") }
        if !scopes.isEmpty { lines.append("landlock inside the session: \(scopes.names.joined(separator: " "))") }
        return lines
    }

    private static func text(_ ports: [UInt16]) -> String {
        ports.isEmpty ? "no port" : "ports \(ports.map { "\($0)" }.joined(separator: " "))"
    }
}

extension Choice {
    /// `CLAUSE: MECHANISM… (BECAUSE; also exact: …)`.
    public var text: String {
        let also = others.map { $0.map(\.rawValue).joined(separator: " + ") }
        let rest = also.isEmpty ? "" : "; also exact: \(also.joined(separator: ", "))"
        return "\(clause): \(mechanisms.map(\.rawValue).joined(separator: " + ")) (\(because.rawValue)\(rest))"
    }
}

extension CgroupPlan {
    fileprivate var lines: [String] {
        let judged = Set(hooks.map(\.subject))
        let again = hooks.filter { $0.subject == .again }
        var lines = ["cgroup   \(hooks.filter { $0.subject != .again }.map(\.rawValue).joined(separator: " "))"]
        if !again.isEmpty { lines.append("cgroup   second layer: \(again.map(\.rawValue).joined(separator: " "))") }
        if judged.contains(.connections) { lines += tcp.lines("tcp connect") + udp.lines("udp send") }
        if judged.contains(.own) { lines += own.lines("tcp own") }
        if hooks.contains(.execute) { lines += executed.map { "cgroup   execute\(executesOnce ? " once" : ""): \($0.path)" } }
        if judged.contains(.unix) { lines += unix.map { "cgroup   unix socket: \($0.path)" } }
        return lines
    }
}

extension CgroupPlan.Hook {
    fileprivate enum Subject { case connections, own, unix, again }

    fileprivate var subject: Subject {
        switch self {
        case .connect4, .connect6, .sendmsg4, .sendmsg6, .egress: .connections
        case .bind4, .bind6, .ingress: .own
        case .unix: .unix
        case .sockCreate, .connectUnix, .sendmsgUnix, .received, .execute: .again
        }
    }
}

extension CgroupPlan.Endpoints {
    fileprivate func lines(_ what: String) -> [String] {
        switch self {
        case .none: ["cgroup   \(what): none"]
        case .any: ["cgroup   \(what): any"]
        case .list(let table):
            table.entries.map { "cgroup   \(what): \($0.text)" } + table.regions.map { "cgroup   \(what) region: \($0.text)" }
        }
    }
}

extension MountPlan {
    fileprivate var lines: [String] {
        let bound = only.map { $0.isEmpty ? ["mounts   nothing"] : $0.map { "mounts   only \($0.path)" } } ?? []
        let lent = (lent?.places ?? []).map { "mounts   lent \($0.path)" }
        return bound + lent + links.map { "mounts   link \($0.path) to \($0.target)" } + readOnly.map { "mounts   read-only \($0)" }
            + pinned.map { "mounts   in place \($0)" }
            + temporary.map { "mounts   empty \($0)" } + (hasOwnProc ? ["mounts   own /proc"] : [])
    }
}

extension ResourceLimits {
    fileprivate var lines: [String] {
        [("tasks", tasks, ""), ("memory", memory, " bytes, none swapped"), ("cpu", cpu, "%")].compactMap { name, value, unit in
            value.map { "limits   \(name): \($0)\(unit)" }
        }
    }
}

extension EndpointTable.Entry {
    var text: String {
        let port = port.map { "\($0)" } ?? "*"
        return "\(EndpointPattern.Addresses(address)):\(port)"
    }
}

extension EndpointPattern.Addresses {
    fileprivate init(_ address: IPAddress?) { self = address.map { .one($0) } ?? .any }
}

extension EndpointTable.Region {
    /// The prefix in the one space of both families, and its ports.
    public var text: String {
        let half = { (bytes: ArraySlice<UInt8>) in bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        let whole = IPAddress.v6(high: half(address[0..<8]), low: half(address[8..<16]))
        let isV4 = prefix >= 96 && whole.unmapped != whole
        let network = isV4 ? "\(whole.unmapped)/\(prefix - 96)" : "\(whole)/\(prefix)"
        let ports = ports.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return "\(network) ports \(ports.isEmpty ? "none" : ports.joined(separator: " "))"
    }
}

extension SeccompPlan {
    fileprivate var lines: [String] {
        groups.flatMap { group in ["seccomp  # \(group.name)"] + group.rules.map { "seccomp  \($0.text)" } }
    }
}

extension SeccompRule {
    var text: String {
        let conditions = conditions.map { " " + $0.text }.joined()
        switch action {
        case .fail(let errno): return "\(syscall.name)\(conditions) -> errno \(errno)"
        case .notify: return "\(syscall.name)\(conditions) -> notify"
        }
    }
}

extension SeccompCondition {
    var text: String {
        switch self {
        case .masked(let argument, let mask, let value):
            "(a\(argument) & 0x\(String(mask, radix: 16)) == 0x\(String(value, radix: 16)))"
        case .differs(let argument, let value): "(a\(argument) != \(value))"
        }
    }
}

extension Trial {
    public var text: String { "\(act.text): \(isPermitted ? "permitted" : "forbidden")" }
}

extension Trial.Act {
    var text: String {
        switch self {
        case .tcpConnect(let address, let port): "tcp connect to \(EndpointTable.Entry(address: address, port: port).text)"
        case .udpSend(let address, let port): "udp send to \(EndpointTable.Entry(address: address, port: port).text)"
        case .fastOpen(let address, let port): "tcp fast open to \(EndpointTable.Entry(address: address, port: port).text)"
        case .multipathSocket: "multipath tcp socket"
        case .routingHeader: "routing header"
        case .unixSocket: "unix socket"
        case .unixDatagramPair: "pair of unix datagram sockets"
        case .bind: "bind"
        case .listen: "listen"
        case .accept(let address, let port): "accept tcp at \(EndpointTable.Entry(address: address, port: port).text)"
        case .list(let directory): "list \(directory)"
        case .read(let file): "read \(file)"
        case .write(let directory): "make a file in \(directory)"
        case .writeFile(let file): "write \(file)"
        case .changeMode: "change a mode"
        case .fork: "fork"
        case .execute: "execute again"
        case .ioUring: "io_uring"
        case .trace: "ptrace"
        case .seeHost(let path): "see the host's \(path)"
        case .readStranger: "read /proc of a stranger"
        case .change(let path): "change \(path)"
        case .removeDirectory(let path): "remove \(path)"
        case .unixConnect(let path): "connect to \(path)"
        case .unixAbstract: "connect to an abstract socket"
        }
    }
}
