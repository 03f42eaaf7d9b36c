import CLinux
import Descriptors
import Glibc
import KernelPlan
import Policy

@testable import Kernel

/// Unix sockets of every kind in a directory of the test's own, and who receives at them; all of it goes at the end.
final class UnixReceivers {
    enum Name: String, CaseIterable {
        case stream, packets, datagram
        case otherStream = "other-stream"
        case otherPackets = "other-packets"
        case otherDatagram = "other-datagram"
        case movedStream = "moved/stream"
        case abstractStream = "abstract"
        case abstractDatagram = "abstract-datagram"

        var kind: Int32 {
            switch self {
            case .stream, .otherStream, .movedStream, .abstractStream: Int32(SOCK_STREAM.rawValue)
            case .packets, .otherPackets: Int32(SOCK_SEQPACKET.rawValue)
            case .datagram, .otherDatagram, .abstractDatagram: Int32(SOCK_DGRAM.rawValue)
            }
        }

        var isAbstract: Bool { self == .abstractStream || self == .abstractDatagram }
    }

    static let granted: [Name] = [.stream, .packets, .datagram]

    let directory: String
    private var sockets: [Name: Int32] = [:]

    init() throws {
        directory = "/dev/shm/sandboxd-test-\(getpid())-\(clx_monotonic_nanoseconds())"
        try WorkingDirectory().makeDirectory(directory, mode: 0o755)
        try WorkingDirectory().makeDirectory(directory + "/moved", mode: 0o755)
        for name in Name.allCases { sockets[name] = try receive(at: name) }
        guard symlink("stream", directory + "/link") == 0, symlink("other-stream", directory + "/other-link") == 0 else { throw Errno.last }
    }

    deinit {
        for socket in sockets.values { close(socket) }
        for name in Name.allCases where !name.isAbstract { unlink(path(name)) }
        for name in ["link", "other-link"] { unlink(directory + "/" + name) }
        rmdir(directory + "/moved")
        rmdir(directory)
    }

    private func path(_ name: Name) -> String { directory + "/" + name.rawValue }

    private func receive(at name: Name) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = (name.isAbstract ? [0] : []) + Array(path(name).utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count + (name.isAbstract ? 0 : 1))
        let socket = Glibc.socket(AF_UNIX, name.kind | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { throw Errno.last }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        guard bound == 0, name.kind == Int32(SOCK_DGRAM.rawValue) || listen(socket, 8) == 0 else { throw Errno.last }
        if !name.isAbstract { chmod(path(name), 0o666) }
        return socket
    }

    /// Whether anything came since it was last asked; all of it is taken.
    func heard(_ name: Name) throws -> Bool {
        guard let socket = sockets[name] else { throw Errno.badDescriptor }
        var hasHeard = false
        for _ in 0..<16 {
            if name.kind == Int32(SOCK_DGRAM.rawValue) {
                var byte: UInt8 = 0
                guard recv(socket, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 else { break }
            } else {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { break }
                close(connection)
            }
            hasHeard = true
        }
        return hasHeard
    }

    // MARK: What a policy says of them

    func open(_ name: Name) throws -> OwnedDescriptor { try WorkingDirectory().open(path(name), .path) }

    func rule(_ name: Name) throws -> InodeRule {
        let status = try open(name).status()
        return InodeRule(path: path(name), device: status.device, inode: status.inode)
    }

    private static let place = SourceLocation(file: "said", line: 1, column: 1)

    private func facts(_ name: Name) throws -> PathFacts {
        let rule = try rule(name)
        return PathFacts(
            resolved: rule.path, kind: .socket, device: rule.device, inode: rule.inode, linkCount: 1, owner: 0, group: 0, mode: 0o666)
    }

    /// A plan that grants the granted, made for this host with none of the other mechanisms that could.
    func plan(by mechanisms: Set<Mechanism>, on host: HostProfile, own: EndpointGrant) throws -> KernelPlan {
        var host = host
        let base: Set<Mechanism> = [.seccomp, .landlockFiles, .cgroup]
        for mechanism in Mechanism.allCases {
            host.observations[mechanism] = mechanisms.union(base).contains(mechanism) ? .works : .absent("not for this test")
        }
        let program = PathFacts(
            resolved: "/usr/bin/python3", kind: .file, device: 1, inode: 1, linkCount: 1, owner: 0, group: 0, mode: 0o755)
        let paths = try Self.granted.map { GrantedPath(path: path($0), location: Self.place, found: try facts($0)) }
        let executed = GrantedPath(path: program.resolved, location: Self.place, found: program)
        let clauses = Clauses(
            server: ServerClause(user: Located(.session, at: Self.place)),
            egress: EgressClause(unix: Located(.paths(paths), at: Self.place)),
            ingress: IngressClause(tcp: Located(own, at: Self.place)),
            files: FilesClause(execute: .paths([executed])), processes: ProcessesClause(spawn: Located(.any, at: Self.place)))
        return try compile(
            Policy(name: "said", location: Self.place, clauses: clauses), for: host,
            launching: LaunchFacts(
                caller: .init(uid: 12_345, gid: 12_345, groups: []), chain: [LaunchFacts.ChainLink(role: .command, facts: program)],
                sessionUID: 12_345))
    }
}
