extension KernelPlan {
    /// Clauses whose denials something records: a program that denies tells of it. What seccomp denies leaves no record, and what Landlock
    /// denies only in the kernel's audit log, which is not read.
    public var observedDenials: [String] {
        let hooks = Set(cgroup?.hooks ?? [])
        var clauses: [String] = []
        if hooks.contains(.connect4) { clauses.append("egress.tcp") }
        if hooks.contains(.sendmsg4) { clauses.append("egress.udp") }
        if hooks.contains(.unix) { clauses.append("egress.unix") }
        if hooks.contains(.bind4) { clauses.append("ingress.tcp") }
        return clauses
    }

    /// The clauses about which a missing record says nothing.
    public var unobservedDenials: [String] {
        let observed = observedDenials
        let kernelClauses = [
            "egress.tcp", "egress.udp", "egress.unix", "ingress.tcp", "files.read", "files.write", "files.execute", "files.metadata",
            "processes.spawn",
        ]
        return kernelClauses.filter { clause in !observed.contains { $0.utf8.elementsEqual(clause.utf8) } }
    }
}
