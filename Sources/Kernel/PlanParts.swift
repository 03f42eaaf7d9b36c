public import KernelPlan

/// Which parts of a plan this version applies. A profile made by `HostProbe` leads to no other; one that was saved elsewhere might.
public enum PlanParts {
    /// Throws, at the step that would have to apply it, for the first part that nothing here applies.
    public static func check(_ plan: KernelPlan) throws(LaunchFailure) {
        if let cgroup = plan.cgroup { try check(cgroup) }
        if plan.landlock.handledFiles.contains(.resolveUnix) { throw unknown(.makeRuleset, "unix sockets by path") }
        if plan.landlock.sendPorts != nil { throw unknown(.makeRuleset, "UDP by port") }
        if !plan.landlock.mounted.isEmpty || plan.mounts != nil { throw unknown(.makeScope, "a mount namespace") }
        if plan.hasEmptyNetwork { throw unknown(.makeScope, "a network namespace") }
        if !plan.limits.isEmpty { throw unknown(.makeScope, "limits") }
    }

    private static func check(_ cgroup: CgroupPlan) throws(LaunchFailure) {
        for hook in cgroup.hooks {
            switch hook {
            case .connect4, .connect6: break
            case .sendmsg4, .sendmsg6, .bind4, .bind6, .ingress, .unix: throw unknown(.loadPrograms, hook.rawValue)
            }
        }
        if cgroup.udp != .none { throw unknown(.loadPrograms, "UDP") }
    }

    private static func unknown(_ step: LaunchStep, _ part: String) -> LaunchFailure {
        LaunchFailure(step, nil, "this version does not apply \(part)")
    }
}
