import KernelPlan

/// Plans with one part less or more.
enum Mutations {
    struct Mutation {
        var name: String
        var plan: KernelPlan
    }

    /// Parts that no operation of the universe tells: each is held by another part as well, which is why it is named here and why it stays.
    static let redundant: Set<String> = [
        // The one device that takes no privilege is 0:0, and the filter denies it; kernels differ in whether Landlock does.
        "handled make-character-device", "handled make-block-device",
        // What they deny is dropped as a packet, too; they stay because they answer at once, and record what was asked for.
        "hook sendmsg4", "hook sendmsg6",
        // Second layers, the last over sockets that were made elsewhere, of which the universe has none.
        "hook sock_create", "hook connect_unix", "hook sendmsg_unix", "hook received", "hook execute",
    ]

    static func all(of plan: KernelPlan) -> [Mutation] {
        filter(plan) + landlock(plan) + programs(plan) + mounts(plan) + rest(plan)
    }

    private static func mutate(_ name: String, _ plan: KernelPlan, _ change: (inout KernelPlan) -> Void) -> Mutation {
        var copy = plan
        change(&copy)
        return Mutation(name: name, plan: copy)
    }

    private static func filter(_ plan: KernelPlan) -> [Mutation] {
        plan.seccomp.groups.indices.map { index in
            mutate("seccomp \(plan.seccomp.groups[index].name)", plan) { $0.seccomp.groups.remove(at: index) }
        }
    }

    private static func landlock(_ plan: KernelPlan) -> [Mutation] {
        var result = plan.landlock.paths.indices.map { index in
            mutate("rule \(plan.landlock.paths[index].path)", plan) { $0.landlock.paths.remove(at: index) }
        }
        result += plan.landlock.mounted.indices.map { index in
            mutate("mount rule \(plan.landlock.mounted[index].path)", plan) { $0.landlock.mounted.remove(at: index) }
        }
        for right in rights where plan.landlock.handledFiles.contains(right) {
            result.append(mutate("handled \(right.names.joined())", plan) { $0.landlock.handledFiles.remove(right) })
        }
        if let ports = plan.landlock.connectPorts {
            result.append(mutate("no ports handled", plan) { $0.landlock.connectPorts = nil })
            result += ports.map { port in mutate("port \(port)", plan) { $0.landlock.connectPorts?.removeAll { $0 == port } } }
        }
        for scope in [LandlockScopes.signals, .abstractSockets] where plan.landlock.scopes.contains(scope) {
            result.append(mutate("scope \(scope.names)", plan) { $0.landlock.scopes.remove(scope) })
        }
        return result
    }

    private static let rights: [FileRights] = (0...16).map { FileRights(rawValue: 1 << UInt64($0)) }

    private static func programs(_ plan: KernelPlan) -> [Mutation] {
        guard let cgroup = plan.cgroup else { return [] }
        var result = cgroup.hooks.map { hook in mutate("hook \(hook.rawValue)", plan) { $0.cgroup?.hooks.removeAll { $0 == hook } } }
        for (name, part) in [("tcp", \CgroupPlan.tcp), ("udp", \CgroupPlan.udp), ("own", \CgroupPlan.own)] {
            guard case .list(let table) = cgroup[keyPath: part] else { continue }
            result += table.entries.indices.map { index in
                var less = table
                less.entries.remove(at: index)
                return mutate("\(name) entry \(index)", plan) { $0.cgroup?[keyPath: part] = .list(less) }
            }
            result += table.regions.indices.map { index in
                var less = table
                less.regions.remove(at: index)
                return mutate("\(name) region \(table.regions[index].text)", plan) { $0.cgroup?[keyPath: part] = .list(less) }
            }
            result.append(mutate("\(name) any", plan) { $0.cgroup?[keyPath: part] = .any })
            result.append(mutate("\(name) none", plan) { $0.cgroup?[keyPath: part] = .none })
        }
        result += cgroup.unix.indices.map { index in mutate("unix \(index)", plan) { $0.cgroup?.unix.remove(at: index) } }
        // Of what is executed once, execve is no operation of the universe.
        result +=
            cgroup.executesOnce
            ? [] : cgroup.executed.indices.map { index in mutate("executed \(index)", plan) { $0.cgroup?.executed.remove(at: index) } }
        return result
    }

    private static func mounts(_ plan: KernelPlan) -> [Mutation] {
        guard let mounts = plan.mounts else { return [] }
        var result: [Mutation] = []
        if mounts.only != nil { result.append(mutate("the host's tree", plan) { $0.mounts?.only = nil }) }
        for (name, part) in [("read-only", \MountPlan.readOnly), ("pinned", \MountPlan.pinned)] {
            result += mounts[keyPath: part].indices.map { index in
                mutate("\(name) \(index)", plan) { $0.mounts?[keyPath: part].remove(at: index) }
            }
        }
        if mounts.hasOwnProc { result.append(mutate("own /proc", plan) { $0.mounts?.hasOwnProc = false }) }
        return result
    }

    private static func rest(_ plan: KernelPlan) -> [Mutation] {
        var result: [Mutation] = []
        if plan.doorPort != nil { result.append(mutate("no door", plan) { $0.doorPort = nil }) }
        if plan.hasEmptyNetwork { result.append(mutate("empty network", plan) { $0.hasEmptyNetwork = false }) }
        if !plan.limits.isEmpty { result.append(mutate("limits", plan) { $0.limits = ResourceLimits() }) }
        if plan.launchesOnce { result.append(mutate("launches once", plan) { $0.launchesOnce = false }) }
        if plan.user == .session {
            result.append(mutate("user", plan) { $0.user = .caller(uid: 1_000, gid: 1_000, groups: []) })
        }
        return result
    }
}
