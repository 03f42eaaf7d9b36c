import Policy

/// A clause of a running session's policy that a newer one may take something of. What rules and messages permit is the gate's.
public enum SupersededClause: String, Sendable, Hashable, CaseIterable {
    case tcp = "egress.tcp"
    case udp = "egress.udp"
    case unix = "egress.unix"
    case dns = "egress.dns"
    case names = "egress.names"
    case ownTCP = "ingress.tcp"
    case read = "files.read"
    case write = "files.write"
    case execute = "files.execute"
    case metadata = "files.metadata"
    case protect = "files.protect"
    case tmp = "files.tmp"
    case proc = "files.proc"
    case spawn = "processes.spawn"
    case tasks = "processes.tasks"
    case memory = "processes.memory"
    case cpu = "processes.cpu"
    case user = "server.user"
    case command = "server.command"
    case cwd = "server.cwd"
    case environment = "server.env"
    case arguments = "evidence.arguments"
    case durability = "evidence.durability"
    case keep = "evidence.keep"
    case approvers = "approvals.by"
    case within = "approvals.within"
    case wait = "approvals.wait"

    var isOfNetwork: Bool { [.tcp, .udp, .unix, .dns, .ownTCP].contains(self) }

    /// Whether what both permit says another thing of it than the old policy.
    func differs(_ old: Clauses, _ both: Clauses) -> Bool {
        switch self {
        case .tcp: old.egress.tcp?.value.permitted != both.egress.tcp?.value.permitted
        case .udp: old.egress.udp?.value.permitted != both.egress.udp?.value.permitted
        case .unix: old.egress.unix?.value.sockets != both.egress.unix?.value.sockets
        case .dns: old.egress.dns?.value != both.egress.dns?.value
        case .names: Set(old.egress.names.orNone.patterns) != Set(both.egress.names.orNone.patterns)
        case .ownTCP: old.ingress.tcp?.value.permitted != both.ingress.tcp?.value.permitted
        case .read: Self.inodes(old.files.readable) != Self.inodes(both.files.readable)
        case .write: Self.inodes(old.files.writable) != Self.inodes(both.files.writable)
        case .execute: Self.inodes(old.files.executable) != Self.inodes(both.files.executable)
        case .metadata: old.files.metadata?.value != both.files.metadata?.value
        case .protect: old.files.protect?.value != both.files.protect?.value
        case .tmp: old.files.tmp?.value != both.files.tmp?.value
        case .proc: old.files.proc?.value != both.files.proc?.value
        case .spawn: old.processes.spawn?.value != both.processes.spawn?.value
        case .tasks: old.processes.tasks?.value != both.processes.tasks?.value
        case .memory: old.processes.memory?.value != both.processes.memory?.value
        case .cpu: old.processes.cpu?.value != both.processes.cpu?.value
        case .user: old.server.user?.value != both.server.user?.value
        case .command, .cwd, .environment: false
        case .arguments: old.evidence.arguments?.value != both.evidence.arguments?.value
        case .durability: old.evidence.durability?.value != both.evidence.durability?.value
        case .keep: old.evidence.keep?.value != both.evidence.keep?.value
        case .approvers: old.approvals.by?.map(\.value) != both.approvals.by?.map(\.value)
        case .within: old.approvals.within?.value != both.approvals.within?.value
        case .wait: old.approvals.wait?.value != both.approvals.wait?.value
        }
    }

    /// Whether the new policy would not start this server as it was started: what a process was given at its start it keeps.
    func isTaken(_ old: Clauses, _ new: Clauses) -> Bool {
        switch self {
        case .command: new.server.command.map { $0 != old.server.command } ?? false
        case .cwd: new.server.cwd?.value != old.server.cwd?.value
        case .environment: !new.server.environment.covers(old.server.environment)
        case _: false
        }
    }

    func isTightenedInPlace(from old: Policy, hasPlan: Bool) -> Bool {
        switch self {
        case .tcp, .udp, .unix, .dns, .ownTCP: hasPlan
        // A limit where there was none has no file that holds it.
        case .tasks: old.processes.tasks != nil
        case .memory: old.processes.memory != nil
        case .cpu: old.processes.cpu != nil
        case .arguments, .approvers, .within, .wait: true
        case .names, .read, .write, .execute, .metadata, .protect, .tmp, .proc, .spawn, .user, .command, .cwd, .environment, .durability,
            .keep:
            false
        }
    }

    private struct Inode: Hashable {
        let path: String
        let device: UInt64
        let inode: UInt64
    }

    private static func inodes(_ paths: [GrantedPath]) -> Set<Inode> {
        Set(paths.map { Inode(path: $0.found.resolved, device: $0.found.device, inode: $0.found.inode) })
    }

    private static func inodes(_ grant: ExecuteGrant) -> Set<Inode> {
        if case .paths(let paths) = grant { inodes(paths) } else { [] }
    }
}

extension EndpointGrant {
    /// Equal where the same is permitted in the same words; nil for everything.
    fileprivate var permitted: Set<EndpointPattern>? {
        switch self {
        case .none: []
        case .any: nil
        case .endpoints(let list): Set(list.map(\.value))
        }
    }
}

extension UnixGrant {
    /// The same.
    fileprivate var sockets: Set<InodeRule>? { self == .any ? nil : Set(rules) }
}

extension EnvironmentClause {
    /// Whether a server that was started with the other's environment has nothing that this one would not give it.
    fileprivate func covers(_ other: EnvironmentClause) -> Bool {
        let passed = Set(pass.map(\.value.name)), secrets = Set(secret.map(\.value))
        return other.pass.allSatisfy { passed.contains($0.value.name) } && other.secret.allSatisfy { secrets.contains($0.value) }
            && other.set.allSatisfy { set[$0.key] == $0.value }
    }
}
