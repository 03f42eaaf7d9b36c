import KernelPlan
import Policy

extension Explanation {
    var server: Section {
        var section = Section(title: "server")
        if let command = policy.server.command { section.permit("command: \(command.map { Escaping.quoted($0) }.joined(separator: " "))") }
        section.permit("working directory: \(policy.server.cwd.map { Escaping.quoted($0.value) } ?? "where `sandboxctl wrap` is started")")
        switch plan.user {
        case .session:
            section.permit("user: a uid of the session's own, with a private home")
            section.note("ordinary permissions apply to that uid: files that only you may read stay closed to it, whatever is granted here")
        case .caller:
            section.permit("user: you")
            section.note("whatever is granted here, ordinary permissions apply as well")
        }
        return section
    }

    var environment: Section {
        let clause = policy.server.environment
        var section = Section(title: "environment")
        section.permit("always: PATH, HOME, USER, LOGNAME, SHELL, TERM")
        if !clause.pass.isEmpty {
            section.permit(
                "passed on: \(Self.list(clause.pass.map { Escaping.quoted($0.value.name) + ($0.value.isOptional ? " if set" : "") }))")
        }
        if !clause.set.isEmpty { section.permit("set: \(Self.list(clause.set.keys.sorted().map { Escaping.quoted($0) }))") }
        if !clause.secret.isEmpty {
            section.permit("secret: \(Self.list(clause.secret.map { Self.words($0.value) })); values are never recorded")
        }
        section.hold("sandboxd, which makes the environment anew")
        return section
    }

    private static func words(_ secret: EnvironmentClause.Secret) -> String {
        switch secret.source {
        case .environment: Escaping.quoted(secret.name)
        case .credential: "\(Escaping.quoted(secret.name)), a credential of the service that asks"
        }
    }

    var processes: Section {
        var section = Section(title: "processes")
        switch policy.processes.spawning {
        case .none:
            section.permit("spawn: threads only")
            section.hold(holders("processes.spawn", else: "seccomp"))
        case .any:
            section.permit("spawn: \(policy.processes.tasks == nil ? "any number of " : "")processes, all held to this policy")
            section.hold("the session's own cgroup or namespace, which ends them all at once")
        }
        explainLimits(&section)
        return section
    }

    private func explainLimits(_ section: inout Section) {
        let clause = policy.processes
        let limits: [(String, String?)] = [
            ("tasks", clause.tasks.map { "at most \($0.value) threads of all processes together" }),
            ("memory", clause.memory.map { "at most \(ByteCount.text($0.value)), none of it swapped out; beyond it processes are killed" }),
            ("cpu", clause.cpu.map { "at most \($0.value)% of one CPU's time" }),
        ]
        for case (let name, let words?) in limits {
            section.permit("\(name): \(words)")
            section.hold(holders("processes.\(name)", else: "the session's cgroup"))
        }
        let open = limits.filter { $0.1 == nil }.map(\.0)
        if !open.isEmpty { section.note("\(Self.list(open)): no limit; the server may use up what the host has") }
    }

    var baseline: Section {
        var section = Section(title: "always")
        section.permit("no capabilities, no new privileges, no namespaces, ptrace, bpf, io_uring or keys; no descriptors but three pipes")
        section.hold("seccomp and Landlock, before the server's first instruction; a self-test tries it each time")
        section.permit("in each process at most 4,096 open files, and no core dumps, real-time scheduling or higher priority")
        section.hold("setrlimit(2)")
        section.permit(
            "/dev/null, /dev/zero, /dev/full, /dev/random and /dev/urandom; the command, its interpreters and loaders, to start it")
        return section
    }
}
