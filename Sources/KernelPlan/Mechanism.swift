/// What can hold a process to a clause: one row of a host profile.
public enum Mechanism: String, Sendable, Hashable, CaseIterable {
    /// Landlock's filesystem rights, truncation included (ABI 3).
    case landlockFiles = "landlock-files"
    /// Landlock's TCP connect by port (ABI 4).
    case landlockTCP = "landlock-tcp"
    /// Landlock's scopes for signals and abstract sockets (ABI 6).
    case landlockScopes = "landlock-scopes"
    /// A filter that kills foreign system call ABIs and compares arguments.
    case seccomp
    /// One answered notification, after which the listener is closed: `execute: none`.
    case seccompNotification = "seccomp-notification"
    /// A cgroup2 leaf that a process is born into, and `cgroup.kill`.
    case cgroup
    /// cgroup/connect4 and connect6.
    case connectHooks = "connect-hooks"
    /// cgroup/sendmsg4 and sendmsg6.
    case sendHooks = "send-hooks"
    /// cgroup/sock_create.
    case socketHook = "socket-hook"
    /// A bpffs that links can be pinned in, so that they outlive the daemon.
    case pins
    /// A user namespace made by whoever runs the daemon, with process and network namespaces in it.
    case userNamespace = "user-namespace"
}
