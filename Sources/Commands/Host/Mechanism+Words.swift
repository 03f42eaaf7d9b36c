import KernelPlan

extension Mechanism {
    /// What a mechanism holds, for whoever does not know its name.
    var meaning: String {
        switch self {
        case .landlockFiles: "files by path"
        case .landlockTCP: "TCP connections by port"
        case .landlockScopes: "signals and abstract sockets stay inside"
        case .seccomp: "system calls"
        case .seccompNotification: "the server starts once, and nothing executes after it"
        case .cgroup: "one act ends all processes of a session"
        case .delegatedCgroup: "the same, and limits, without root"
        case .connectHooks: "TCP connections by address and port"
        case .sendHooks: "UDP by address and port"
        case .landlockUnix: "unix sockets by path"
        case .landlockUDP: "UDP by port"
        case .bindHooks: "own endpoints by address and port"
        case .ingressFilter: "who reaches own endpoints"
        case .unixHooks: "no unix sockets, once more"
        case .bpfLSM: "unix sockets by what they are"
        case .executeHook: "executed files by what they are, once more"
        case .mountNamespace: "a tree of the session's own"
        case .privateProc: "own processes in /proc, and no others"
        case .idmappedMounts: "the caller's project for a user of the session's own"
        case .networkNamespace: "no network at all"
        case .tasksController: "a limit of threads"
        case .memoryController: "a limit of memory"
        case .cpuController: "a limit of CPU time"
        case .auditLog: "what Landlock denies is told"
        case .durableState: "receipts outlive a failure of the host's power"
        case .pins: "enforcement outlives the daemon"
        case .userNamespace: "a session without root"
        }
    }
}
