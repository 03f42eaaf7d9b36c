extension Mechanism {
    /// Only root can set it up.
    var needsRoot: Bool {
        switch self {
        case .connectHooks, .sendHooks, .bindHooks, .ingressFilter, .unixHooks, .bpfLSM, .executeHook, .pins, .idmappedMounts, .auditLog:
            true
        case .landlockFiles, .landlockTCP, .landlockScopes, .landlockUnix, .landlockUDP, .seccomp, .seccompNotification, .cgroup,
            .delegatedCgroup,
            .userNamespace, .mountNamespace, .privateProc, .networkNamespace, .tasksController, .memoryController, .cpuController,
            .durableState:
            false
        }
    }

    /// It changes more than the process that is confined, or takes a namespace to arrange: a way without it is preferred.
    var isPrivileged: Bool {
        switch self {
        case .mountNamespace, .privateProc, .idmappedMounts, .networkNamespace: true
        case .connectHooks, .sendHooks, .bindHooks, .ingressFilter, .unixHooks, .bpfLSM, .executeHook, .pins, .auditLog: true
        case .landlockFiles, .landlockTCP, .landlockScopes, .landlockUnix, .landlockUDP, .seccomp, .seccompNotification, .cgroup,
            .delegatedCgroup,
            .userNamespace, .tasksController, .memoryController, .cpuController, .durableState:
            false
        }
    }

    /// What a host must have for it, as a fact for people.
    var requirement: String {
        switch self {
        case .landlockFiles: "Landlock in the list of security modules"
        case .landlockTCP: "Landlock ABI 4 (Linux 6.7)"
        case .landlockScopes: "Landlock ABI 6 (Linux 6.12)"
        case .landlockUnix: "Landlock ABI 9 (Linux 7.1)"
        case .landlockUDP: "Landlock ABI 10 (Linux 7.2)"
        case .seccomp: "seccomp filters"
        case .seccompNotification: "seccomp user notification (Linux 5.5)"
        case .delegatedCgroup: "a systemd manager of the user that gives a cgroup away"
        case .cgroup: "cgroup2 with cgroup.kill (Linux 5.14)"
        case .connectHooks, .sendHooks, .bindHooks, .ingressFilter: "BPF programs on cgroups"
        case .unixHooks: "BPF programs on cgroups, for unix sockets (Linux 6.7)"
        case .bpfLSM, .executeHook: "BPF_LSM_CGROUP programs (Linux 6.0)"
        case .pins: "a bpffs"
        case .userNamespace: "user namespaces or a systemd manager for whoever runs sandboxctl, or a running sandboxd"
        case .mountNamespace: "a mount namespace for the session"
        case .privateProc: "proc mounts with subset=pid and hidepid=ptraceable (Linux 5.8)"
        case .idmappedMounts: "mounts whose owners are mapped (Linux 5.12)"
        case .networkNamespace: "a network namespace for the session"
        case .tasksController: "the pids controller for the session's cgroup"
        case .memoryController: "the memory controller, with swap accounting, for the session's cgroup"
        case .cpuController: "the cpu controller for the session's cgroup"
        case .auditLog: "the kernel's audit log switched on, and Landlock ABI 7 (Linux 6.15)"
        case .durableState: "a state directory of sandboxd on a disk: not on tmpfs or ramfs, nor on an overlay that is mounted `volatile`"
        }
    }
}
