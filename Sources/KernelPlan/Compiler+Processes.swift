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

    // MARK: The second layer of `files.execute`

    /// Beside other programs at security hooks only, and by inode: what lies beneath a directory it does not know.
    func executeAgain(_ plan: inout CgroupPlan) {
        guard hasExecuteLayer(beside: plan.hooks), !executesDirectories else { return }
        plan.hooks.append(.execute)
        plan.executed = executedFiles
        plan.executesOnce = launchesOnce
    }

    /// Why there is none where there might be.
    mutating func tellMissingExecuteLayer(_ plan: CgroupPlan?) {
        guard let plan, hasExecuteLayer(beside: plan.hooks), executesDirectories else { return }
        choices.append(Choice("files.execute", by: [.landlockFiles], because: .directories))
    }

    private func hasExecuteLayer(beside hooks: [CgroupPlan.Hook]) -> Bool {
        host.has(.executeHook) && (hooks.contains(.unix) || hooks.contains(.received))
    }

    private var executesDirectories: Bool { executed.contains { $0.found.kind == .directory } }

    /// What execve(2) may name, the command and its chain among it; in the order of their paths, each once.
    private var executedFiles: [InodeRule] {
        let files = (launch.chain + launch.executeChain).map(\.facts) + executed.map(\.found)
        return InodeRule.sorted(files)
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
