import CKernel
import CLinux
import Descriptors
import Glibc
public import KernelPlan

/// Tries each mechanism on this host, in throw-away children.
public enum HostProbe {
    /// What was tried and seen. `tree` is where scopes are made, without a daemon in a cgroup that was given away: then `undelegated` says why there is none.
    /// `bpffs` is a directory of a bpffs that pins may be made in, where there is one; `state` are the directories whose content is to outlive the host.
    public static func observe(
        custody: Custody, tree: CgroupTree?, controllers: Controllers = Controllers(), undelegated: String = "", bpffs: String?,
        state: [String] = []
    ) -> HostProfile {
        var names = utsname()
        uname(&names)
        let cgroup = tree.flatMap { try? WorkingDirectory().open($0.directory, [.read, .directory]).release() } ?? -1
        defer { if cgroup >= 0 { close(cgroup) } }
        _ = ck_probe_collect(cgroup)
        var context = ck_probe_context(
            cgroup: custody == .daemon ? cgroup : -1, deadline_milliseconds: 10_000, uid: custody == .daemon ? 65_534 : getuid(),
            gid: custody == .daemon ? 65_534 : getgid())
        var seen = observations(context, bpffs: bpffs).merging(Self.controllers(context, tree, controllers)) { $1 }
        if custody == .user {
            context.cgroup = cgroup
            seen[.delegatedCgroup] = tree == nil ? .absent(undelegated) : Observation(ck_probe_cgroup(&context))
        }
        if !state.isEmpty { seen[.durableState] = DurableStorage.observe(state) }
        return HostProfile(
            kernel: text(&names.release), architecture: text(&names.machine), custody: custody,
            landlockABI: max(0, Int(ck_landlock_abi())), observations: seen)
    }

    private static func observations(_ context: ck_probe_context, bpffs: String?) -> [Mechanism: Observation] {
        var context = context
        var seen: [Mechanism: Observation] = [:]
        for mechanism in Mechanism.allCases { seen[mechanism] = observe(mechanism, &context, bpffs: bpffs) }
        return seen
    }

    private static func observe(_ mechanism: Mechanism, _ context: inout ck_probe_context, bpffs: String?) -> Observation {
        switch mechanism {
        case .landlockFiles: Observation(ck_probe_landlock_files(&context))
        case .landlockTCP: Observation(ck_probe_landlock_tcp(&context))
        case .landlockScopes: Observation(ck_probe_landlock_signal(&context)).and(Observation(ck_probe_landlock_abstract_unix(&context)))
        case .seccomp: Observation(ck_probe_seccomp_filter(&context)).and(Observation(foreignABI: ck_probe_seccomp_foreign_abi(&context)))
        case .seccompNotification: Observation(ck_probe_seccomp_launch_once(&context))
        case .cgroup: Observation(ck_probe_cgroup(&context))
        // Where it is there it has been asked for, and the caller says so.
        case .delegatedCgroup: .absent("of use without a daemon only")
        // Where these are attached, sock_create is, too.
        case .connectHooks: egress(&context, [CK_HOOK_CONNECT4, CK_HOOK_CONNECT6, CK_HOOK_SOCK_CREATE], protocol: 6)
        case .sendHooks:
            egress(
                &context, [CK_HOOK_CONNECT4, CK_HOOK_CONNECT6, CK_HOOK_SENDMSG4, CK_HOOK_SENDMSG6, CK_HOOK_EGRESS, CK_HOOK_INGRESS],
                protocol: 17)
        case .bindHooks: egress(&context, [CK_HOOK_BIND4, CK_HOOK_BIND6], protocol: 6)
        case .ingressFilter: egress(&context, [CK_HOOK_INGRESS], protocol: 6)
        case .pins: bpffs == nil ? .absent("no bpffs") : .works
        case .userNamespace: Observation(ck_probe_user_namespaces(&context))
        case .landlockUnix: Observation(ck_probe_landlock_unix(&context))
        case .unixHooks: unixHooks(&context)
        case .bpfLSM: unixPrograms(&context)
        case .executeHook: executeProgram(&context)
        case .mountNamespace: Observation(ck_probe_mount_namespace(&context))
        case .privateProc: Observation(ck_probe_private_proc(&context))
        case .idmappedMounts: Observation(ck_probe_idmapped_mounts(&context))
        case .networkNamespace: Observation(ck_probe_network_namespace(&context))
        case .auditLog: audit(&context)
        // What this version does not apply is not tried, and so no plan relies on it.
        case .landlockUDP, .tasksController, .memoryController, .cpuController, .durableState: .absent("not tried")
        }
    }

    /// Read where it is on; nobody switches it on for us.
    private static func audit(_ context: inout ck_probe_context) -> Observation {
        guard geteuid() == 0 else { return .absent("needs root") }
        do throws(Errno) {
            return try AuditLog.isOn() ? Observation(ck_probe_audit(&context)) : .absent("switched off")
        } catch {
            return .absent("\(error.name) when asked whether it is on")
        }
    }

    // MARK: Controllers

    private static func controllers(_ context: ck_probe_context, _ tree: CgroupTree?, _ controllers: Controllers) -> [Mechanism:
        Observation]
    {
        var seen: [Mechanism: Observation] = [:]
        for controller in Controller.allCases {
            switch controllers[controller] {
            case .unified: seen[controller.mechanism] = tree.map { probe(controller, in: $0.directory, isLegacy: false, context) }
            case .legacy(let directory): seen[controller.mechanism] = probe(controller, in: directory, isLegacy: true, context)
            case .absent(let why): seen[controller.mechanism] = .absent(why)
            }
        }
        return seen
    }

    private static func probe(_ controller: Controller, in directory: String, isLegacy: Bool, _ context: ck_probe_context) -> Observation {
        var context = context
        do throws(Errno) {
            let parent = try WorkingDirectory().open(directory, [.read, .directory])
            if isLegacy { _ = ck_probe_collect(parent.number) }
            var place = ck_controller(directory: parent.number, is_legacy: isLegacy ? 1 : 0)
            switch controller {
            case .tasks: return Observation(ck_probe_tasks(&context, &place))
            case .memory: return Observation(ck_probe_memory(&context, &place))
            case .cpu: return Observation(ck_probe_cpu(&context, &place))
            }
        } catch {
            return .absent("\(error.name) when its cgroup was opened")
        }
    }

    // MARK: Programs

    /// Each program alone, then who else decides there; the first that does not work is told.
    private static func egress(_ context: inout ck_probe_context, _ hooks: [ck_hook], protocol number: UInt32) -> Observation {
        guard context.cgroup >= 0 else { return .absent("needs root and cgroup2") }
        let seen: Observation = hooks.reduce(.works) { seen, hook in
            let image = ProgramImage.bytes(of: hook)
            return seen.and(Observation(ck_probe_egress(&context, image, image.count, hook.rawValue, number)))
        }
        return seen.and(others(hooks, on: context.cgroup))
    }

    private static func unixHooks(_ context: inout ck_probe_context) -> Observation {
        guard context.cgroup >= 0 else { return .absent("needs root and cgroup2") }
        let image = ProgramImage.bytes(of: CK_HOOK_CONNECT_UNIX)
        return Observation(ck_probe_unix_hooks(&context, image, image.count))
    }

    /// At the kernel's security hooks, which many kernels refuse to whoever asks.
    private static func unixPrograms(_ context: inout ck_probe_context) -> Observation {
        guard context.cgroup >= 0 else { return .absent("needs root and cgroup2") }
        let image = ProgramImage.bytes(of: CK_HOOK_UNIX_STREAM)
        return Observation(ck_probe_unix_programs(&context, image, image.count))
            .and(egress(&context, [CK_HOOK_RECEIVED_CONNECT, CK_HOOK_RECEIVED_BIND, CK_HOOK_RECEIVED_LISTEN], protocol: 6))
            .and(egress(&context, [CK_HOOK_RECEIVED_SEND], protocol: 17))
            .and(others([CK_HOOK_UNIX_STREAM], on: context.cgroup))
    }

    private static func executeProgram(_ context: inout ck_probe_context) -> Observation {
        guard context.cgroup >= 0 else { return .absent("needs root and cgroup2") }
        let image = ProgramImage.bytes(of: CK_HOOK_EXECUTE)
        return Observation(ck_probe_execute(&context, image, image.count))
    }

    /// Programs that others attached to the cgroup below which scopes are made, or above it: they run beside ours, and may rewrite what ours judge.
    private static func others(_ hooks: [ck_hook], on cgroup: Int32) -> Observation {
        var names: [String] = []
        for hook in hooks where !hook.isSecondLayer {
            do throws(Errno) {
                for name in try EffectivePrograms(hook, on: cgroup).names where !names.contains(name) { names.append(name) }
            } catch {
                return .absent("\(error.name) when asked for programs of others")
            }
        }
        return names.isEmpty ? .works : .shared(with: names.joined(separator: ", "))
    }

    /// A field of utsname(2).
    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension Observation {
    init(_ probed: ck_probed) {
        switch probed.finding {
        case CK_WORKS: self = .works
        case CK_UNAVAILABLE: self = .absent("\(Errno(code: probed.error).name) when set up")
        case CK_INEFFECTIVE: self = .absent("set up, and not effective in act \(probed.step)")
        case CK_NO_CONTROL: self = .absent("act \(probed.step) fails without it too")
        case CK_TIMED_OUT: self = .absent("no answer in time")
        default: self = .absent("finding \(probed.finding.rawValue)")
        }
    }

    /// A kernel without any foreign ABI has nothing to kill.
    init(foreignABI probed: ck_probed) {
        let hasNone = probed.finding == CK_UNAVAILABLE && probed.error == ENOSYS
        self = hasNone ? .works : Observation(probed)
    }

    /// Both, or what keeps the first that is absent from working.
    func and(_ other: @autoclosure () -> Observation) -> Observation { isUsable ? other() : self }
}
