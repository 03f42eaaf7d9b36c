public import KernelPlan

/// Which parts of a plan this version applies. A profile made by `HostProbe` leads to no other; one that was saved elsewhere might.
public enum PlanParts {
    /// Throws, at the step that would have to apply it, for the first part that nothing here applies.
    public static func check(_ plan: KernelPlan) throws(LaunchFailure) {
        if let cgroup = plan.cgroup { try check(cgroup) }
    }

    private static func check(_ cgroup: CgroupPlan) throws(LaunchFailure) {
        if !cgroup.hooks.contains(.unix), !cgroup.unix.isEmpty {
            throw LaunchFailure(.loadPrograms, nil, "the plan grants unix sockets by programs, and attaches none")
        }
        if !cgroup.hooks.contains(.execute), !cgroup.executed.isEmpty {
            throw LaunchFailure(.loadPrograms, nil, "the plan lists executed files for a program, and attaches none")
        }
        for hook in cgroup.neededHooks where !cgroup.hooks.contains(hook) {
            throw LaunchFailure(.loadPrograms, nil, "the plan restricts what the hook \(hook.rawValue) sees, and does not attach it")
        }
    }
}

extension CgroupPlan {
    /// Hooks without which one of the lists would not hold. Without any UDP the filter of system calls has no such sockets.
    var neededHooks: [Hook] {
        var hooks: [Hook] = []
        if tcp != .any { hooks += [.connect4, .connect6] }
        switch udp {
        case .none, .any: break
        case .list: hooks += [.connect4, .connect6, .sendmsg4, .sendmsg6, .egress, .ingress]
        }
        switch own {
        case .none, .any: break
        case .list: hooks += [.bind4, .bind6, .ingress]
        }
        return hooks
    }
}
