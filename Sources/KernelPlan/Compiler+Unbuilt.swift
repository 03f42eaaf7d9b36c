import Policy

extension Compiler {
    /// Clauses that nothing here holds yet. What cannot be held exactly is refused, never ignored.
    mutating func unbuilt() {
        let egress = policy.egress, files = policy.files, processes = policy.processes
        if let udp = egress.udp, udp.value != .none { refuseUnbuilt("egress.udp", at: udp.location) }
        if let unix = egress.unix, unix.value != .none { refuseUnbuilt("egress.unix", at: unix.location) }
        if let dns = egress.dns, dns.value != .none { refuseUnbuilt("egress.dns", at: dns.location) }
        if let tcp = policy.ingress.tcp, tcp.value != .none { refuseUnbuilt("ingress.tcp", at: tcp.location) }
        if let metadata = files.metadata, metadata.value != .none { refuseUnbuilt("files.metadata", at: metadata.location) }
        if let tmp = files.tmp, tmp.value != .none { refuseUnbuilt("files.tmp", at: tmp.location) }
        if let proc = files.proc, proc.value != .none { refuseUnbuilt("files.proc", at: proc.location) }
        if let tasks = processes.tasks { refuseUnbuilt("processes.tasks", at: tasks.location) }
        if let memory = processes.memory { refuseUnbuilt("processes.memory", at: memory.location) }
        if let cpu = processes.cpu { refuseUnbuilt("processes.cpu", at: cpu.location) }
    }

    private mutating func refuseUnbuilt(_ place: String, at location: SourceLocation) {
        refuse(.notEnforcedYet, at: location, ["place": place])
    }
}
