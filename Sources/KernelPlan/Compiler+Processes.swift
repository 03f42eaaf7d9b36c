import Policy

extension Compiler {
    /// Whether the server's own execve is the last.
    var launchesOnce: Bool { policy.files.executable == .none }

    /// `#!/usr/bin/env NAME` starts twice: env executes the interpreter that it finds.
    mutating func checkSingleStart() {
        guard launchesOnce,
            launch.chain.contains(where: { $0.role == .interpreter && $0.facts.resolved.utf8.suffix(4).elementsEqual("/env".utf8) })
        else { return }
        let gap = "the command's `#!` line starts env, and env executes again; name the interpreter, or list what may be executed"
        refuse(.inexpressible, ["clause": "files.execute: none", "mechanism": Mechanism.seccompNotification.rawValue, "gap": gap])
    }

    // MARK: Limits

    var limits: ResourceLimits {
        ResourceLimits(tasks: policy.processes.tasks?.value, memory: policy.processes.memory?.value, cpu: policy.processes.cpu?.value)
    }

    func limitNeeds() -> [Need] {
        let asked: [(String, Located<Int>?, Mechanism)] = [
            ("processes.tasks", policy.processes.tasks, .tasksController), ("processes.memory", policy.processes.memory, .memoryController),
            ("processes.cpu", policy.processes.cpu, .cpuController),
        ]
        return asked.compactMap { clause, limit, controller in
            limit.map {
                Need(
                    clause, at: $0.location, [Need.Way([controller, host.custody == .daemon ? .cgroup : .delegatedCgroup], .asGranted)],
                    otherwise: .code(.limitWithoutController, ["mechanism": controller.rawValue]))
            }
        }
    }
}
