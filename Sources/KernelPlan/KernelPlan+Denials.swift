extension KernelPlan {
    /// Clauses whose denials something records: a program that denies tells of it, and so does Landlock where the kernel's audit log is on. What
    /// seccomp denies leaves no record.
    public var observedDenials: [String] { Self.kernelClauses.filter(isObserved) }

    /// The clauses about which a missing record says nothing.
    public var unobservedDenials: [String] { Self.kernelClauses.filter { !isObserved($0) } }

    private static let kernelClauses = [
        "egress.tcp", "egress.udp", "egress.unix", "ingress.tcp", "files.read", "files.write", "files.execute", "files.metadata",
        "processes.spawn",
    ]

    private func isObserved(_ clause: String) -> Bool {
        let hooks = cgroup?.hooks ?? []
        return switch clause {
        case "egress.tcp": hooks.contains(.connect4) || landlock.isAudited && landlock.connectPorts != nil
        case "egress.udp": hooks.contains(.sendmsg4)
        case "egress.unix": hooks.contains(.unix) || landlock.isAudited && landlock.handledFiles.contains(.resolveUnix)
        case "ingress.tcp": hooks.contains(.bind4)
        case "files.read": showsAllFiles
        // What a mount keeps from being changed never comes as far as Landlock.
        case "files.write": showsAllFiles && (mounts?.readOnly ?? []).isEmpty && (mounts?.pinned ?? []).isEmpty
        case "files.execute": showsAllFiles && !launchesOnce
        case _: false
        }
    }

    /// In a tree that holds only what is granted, the rest is not denied but missing.
    private var showsAllFiles: Bool { landlock.isAudited && mounts?.only == nil }
}
