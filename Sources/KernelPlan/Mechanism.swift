/// What can hold a process to a clause: one row of a host profile.
public enum Mechanism: String, Sendable, Hashable, CaseIterable {
    /// Landlock's filesystem rights, as far as the ABI names them.
    case landlockFiles = "landlock-files"
    /// Landlock's TCP connect by port (ABI 4).
    case landlockTCP = "landlock-tcp"
    /// Landlock's scopes for signals and abstract sockets (ABI 6).
    case landlockScopes = "landlock-scopes"
    /// Landlock's right to connect and send to unix sockets by path (ABI 9).
    case landlockUnix = "landlock-unix"
    /// Landlock's UDP connect and send by port (ABI 10). It does not hold who sends to a socket, so that no plan relies on it.
    case landlockUDP = "landlock-udp"
    /// A filter that kills foreign system call ABIs and compares arguments.
    case seccomp
    /// One answered notification, after which the listener is closed: `execute: none`.
    case seccompNotification = "seccomp-notification"
    /// A cgroup2 leaf that a process is born into, and `cgroup.kill`.
    case cgroup
    /// The same without root, in a cgroup that the user's service manager gave away: how a session without a daemon is ended, and limited.
    case delegatedCgroup = "delegated-cgroup"
    /// cgroup/connect4 and connect6, judging TCP.
    case connectHooks = "connect-hooks"
    /// cgroup/connect4, connect6, sendmsg4 and sendmsg6, judging UDP; cgroup_skb/egress and ingress, judging its datagrams.
    case sendHooks = "send-hooks"
    /// cgroup/bind4 and bind6.
    case bindHooks = "bind-hooks"
    /// cgroup_skb/ingress, dropping what opens a connection to an endpoint that is not granted.
    case ingressFilter = "ingress-filter"
    /// cgroup/connect_unix and sendmsg_unix (Linux 6.7), which deny all of it; a second layer, which no plan is exact by.
    case unixHooks = "unix-hooks"
    /// Programs of BPF_LSM_CGROUP on unix sockets (Linux 6.0).
    case bpfLSM = "bpf-lsm"
    /// A program of BPF_LSM_CGROUP at bprm_check_security, which knows files by inode; a second layer, which no plan is exact by.
    case executeHook = "execute-hook"
    /// A bpffs that links can be pinned in, so that they outlive the daemon.
    case pins
    /// A user namespace made by whoever runs the daemon, with a process namespace in it.
    case userNamespace = "user-namespace"
    /// A mount namespace of the session's own, arranged before privilege is dropped.
    case mountNamespace = "mount-namespace"
    /// A /proc of the session's own (subset=pid, hidepid=ptraceable; Linux 5.8), in a mount namespace.
    case privateProc = "private-proc"
    /// Mounts that show the files of one user as another's (Linux 5.12), in a mount namespace. Which filesystems have it shows at the launch.
    case idmappedMounts = "idmapped-mounts"
    /// An empty network namespace, which nothing is configured in.
    case networkNamespace = "network-namespace"
    /// The pids controller of the server's cgroup: pids.max. Where an old hierarchy has a controller, the server's process enters a cgroup there.
    case tasksController = "tasks-controller"
    /// The memory controller: memory.max with memory.swap.max 0, or memory.limit_in_bytes with memory.memsw.limit_in_bytes equal to it.
    case memoryController = "memory-controller"
    /// The cpu controller: cpu.max, or cpu.cfs_quota_us.
    case cpuController = "cpu-controller"
    /// The kernel's audit log, switched on by somebody, with Landlock's records in it (ABI 7). It holds nothing; it tells what Landlock denied.
    case auditLog = "audit-log"
    /// fsync(2) below sandboxd's state directory, on a file system that is not in memory alone. It holds nothing; receipts outlive the host by it.
    case durableState = "durable-state"
}
