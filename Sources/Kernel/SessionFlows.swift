import CKernel
public import Descriptors
import Glibc
public import KernelPlan
import Policy

/// The flows of a session: TCP connections and listening sockets, and UDP sockets with a peer, of IPv4 and IPv6. They are told by the cgroup that
/// a socket was made in (sock_diag(7), INET_DIAG_CGROUP_ID, Linux 5.7) and ended by SOCK_DESTROY (CONFIG_INET_DIAG_DESTROY).
///
/// The session's programs judge each packet, that by which the kernel tells the other end among them: a flow that they no longer permit carries nothing
/// any more, whether it is ended or not.
public struct SessionFlows: ~Copyable {
    private let diag: OwnedDescriptor
    private let cgroup: UInt64

    /// One flow, as it is told of.
    public struct Flow: Sendable, Hashable {
        public let transport: String
        public let local: String
        public let remote: String
    }

    /// Of the cgroup that is this directory: its id is the directory's inode.
    public init(of cgroup: borrowing some Descriptor & ~Copyable) throws(Errno) {
        let inode = try cgroup.status().inode
        let opened = try descriptor(ck_flows_open())
        self.cgroup = inode
        diag = consume opened
    }

    /// Ends what the plan does not permit; returns what was ended. Errors: `.notSupported` where the kernel ends no flows and there is one to
    /// end.
    public func end(forbiddenBy plan: CgroupPlan) throws(Errno) -> [Flow] {
        var ended: [Flow] = []
        for flow in try all() where !Self.isPermitted(flow, plan) {
            var flow = flow
            let result = ck_flows_end(diag.number, &flow)
            // It ended meanwhile.
            if result == -ENOENT { continue }
            try check(result)
            ended.append(Flow(flow))
        }
        return ended
    }

    /// Those of the session.
    private func all() throws(Errno) -> [ck_flow] {
        var found: [ck_flow] = []
        for family in [UInt8(AF_INET), UInt8(AF_INET6)] {
            for transport in [UInt8(IPPROTO_TCP), UInt8(IPPROTO_UDP)] {
                found += try list(family, transport).filter { $0.cgroup == cgroup }
            }
        }
        return found
    }

    private func list(_ family: UInt8, _ transport: UInt8) throws(Errno) -> [ck_flow] {
        var capacity = 1_024
        // A table that changes while it is read is read again, a few times.
        for _ in 0..<8 {
            var flows = [ck_flow](repeating: ck_flow(), count: capacity)
            let count = ck_flows_list(diag.number, family, transport, &flows, capacity)
            if count == -Int64(EAGAIN) { continue }
            guard count >= 0 else { throw Errno(code: Int32(-count)) }
            if count <= capacity { return Array(flows.prefix(Int(count))) }
            capacity = Int(count) + 1_024
        }
        throw .tryAgain
    }

    // MARK: Judging

    private static let listening: UInt8 = 10

    /// By where it goes, or by where it came to where the session may listen: a packet of the other kind is judged by the programs, which know
    /// which it is.
    private static func isPermitted(_ flow: ck_flow, _ plan: CgroupPlan) -> Bool {
        let remote = address(flow.remote, flow.family), local = address(flow.local, flow.family)
        if flow.protocol == UInt8(IPPROTO_UDP) {
            // Without a peer: each datagram is judged by where it goes.
            return flow.remote_port == 0 || plan.udp.permits(remote, flow.remote_port)
        }
        // Not bound yet, and of nobody.
        if flow.remote_port == 0, flow.local_port == 0 { return true }
        if flow.state == listening || flow.remote_port == 0 { return plan.own.permits(local, flow.local_port) }
        return plan.tcp.permits(remote, flow.remote_port) || plan.own.permits(local, flow.local_port)
    }

    fileprivate static func address(_ bytes: ByteTuple, _ family: UInt8) -> IPAddress {
        let all = withUnsafeBytes(of: bytes) { Array($0) }
        let number = { (range: Range<Int>) in all[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        if family == UInt8(AF_INET) { return .v4(UInt32(number(0..<4))) }
        return IPAddress.v6(high: number(0..<8), low: number(8..<16)).unmapped
    }

    fileprivate typealias ByteTuple = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )
}

extension SessionFlows.Flow {
    fileprivate init(_ flow: ck_flow) {
        transport = flow.protocol == UInt8(IPPROTO_TCP) ? "tcp" : "udp"
        local = Self.text(flow.local, flow.local_port, flow.family)
        remote = Self.text(flow.remote, flow.remote_port, flow.family)
    }

    private static func text(_ bytes: SessionFlows.ByteTuple, _ port: UInt16, _ family: UInt8) -> String {
        let address = SessionFlows.address(bytes, family)
        if case .v6 = address { return "[\(address)]:\(port)" }
        return "\(address):\(port)"
    }
}
