/// Programs on the server's cgroup, attached before a process is in it.
public struct CgroupPlan: Sendable, Hashable {
    /// Where a program is attached. What is not attached judges nothing.
    public enum Hook: String, Sendable, Hashable, CaseIterable {
        case connect4, connect6, sendmsg4, sendmsg6, bind4, bind6
        /// cgroup_skb/egress: datagrams leave for `udp` only, whatever was told of a route or a device beside the address; no IP options.
        case egress
        /// cgroup_skb/ingress: what opens a TCP connection to an endpoint outside of `own` is dropped, and datagrams from outside of `udp`.
        case ingress
        /// Second layers, which no plan is exact by. The first three deny what the filter of system calls denies as well: kinds of IP sockets other than
        /// TCP, and than UDP where `udp` is not none; connecting unix sockets, and sending on them to a name.
        case sockCreate = "sock_create"
        case connectUnix = "connect_unix"
        case sendmsgUnix = "sendmsg_unix"
        /// BPF_LSM_CGROUP on IP sockets: what was made elsewhere, and came over a granted unix socket, connects and sends to `tcp` and `udp` only,
        /// is bound to `own` only, and listens there only.
        case received
        /// BPF_LSM_CGROUP at bprm_check_security: `executed` are executed only, and where `executesOnce` is set by the launch's execve alone.
        case execute
        /// BPF_LSM_CGROUP on unix sockets: connects and sends to `unix` only; no bind, no listen.
        case unix
    }

    /// What a hook permits of one transport.
    public enum Endpoints: Sendable, Hashable {
        case none
        case any
        /// What the frozen maps hold; a miss is a denial.
        case list(EndpointTable)
    }

    /// In the order of `Hook`, each once.
    public var hooks: [Hook]
    /// What connect4 and connect6 permit TCP sockets. The unspecified address means loopback.
    public var tcp: Endpoints
    /// What connect4, connect6, sendmsg4 and sendmsg6 permit UDP sockets; the unspecified address likewise. A list needs `egress` and `ingress`
    /// beside these: control data and socket options turn datagrams elsewhere, and whoever learns a socket's port can send to it.
    public var udp: Endpoints
    /// What bind4 and bind6 permit TCP sockets, by the address as it is given (UDP sockets: nothing), and whom `ingress` lets in.
    public var own: Endpoints
    /// The sockets that `unix` permits.
    public var unix: [InodeRule]
    /// The files that `execute` permits, and nothing that lies in memory or elsewhere.
    public var executed: [InodeRule]
    public var executesOnce: Bool

    public init(
        hooks: [Hook], tcp: Endpoints = .none, udp: Endpoints = .none, own: Endpoints = .none, unix: [InodeRule] = [],
        executed: [InodeRule] = [], executesOnce: Bool = false
    ) {
        self.hooks = hooks
        self.tcp = tcp
        self.udp = udp
        self.own = own
        self.unix = unix
        self.executed = executed
        self.executesOnce = executesOnce
    }
}

/// A unix socket, or a file that is executed, by its inode.
public struct InodeRule: Sendable, Hashable {
    /// Resolved; the rule itself is bound to the inode.
    public var path: String
    public var device: UInt64
    public var inode: UInt64

    public init(path: String, device: UInt64, inode: UInt64) {
        self.path = path
        self.device = device
        self.inode = inode
    }
}
