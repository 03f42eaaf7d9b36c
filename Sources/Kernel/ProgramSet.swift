import CKernel
import Descriptors
import KernelPlan

/// The programs of a plan's hooks, loaded and with their maps filled and frozen, but attached to nothing yet.
///
/// They lie in several objects, of which only those are opened that the plan needs. A map that several declare is made by the first and taken
/// by the others. Programs are not shared between sessions, as their maps are: each holds its session's ring buffer and counters.
struct ProgramSet {
    /// In the order of the plan's hooks.
    let hooks: [ck_hook]
    private let objects: [String: ProgramObject]

    /// What a session tells of denials in; its own, and the same before and after its programs are replaced.
    static let sessionMaps = [ck_egress_denials, ck_egress_counters, ck_egress_opened].map { String(cString: $0) }

    /// Connections that the session opened; it has the map for as long as it marks them.
    static let opened = String(cString: ck_egress_opened)

    /// `maps` holds the session's maps where there are any; those that are made here are added.
    static func load(
        _ plan: CgroupPlan, hooks: [ck_hook], _ connections: ConnectionRules, maps: MapDescriptors, sharing shared: SharedMaps
    ) throws(LaunchFailure) -> ProgramSet {
        let content = SharedMaps.Content(plan)
        if let filled = shared.maps(with: content) { try LaunchStep.loadPrograms.run("share") { () throws(Errno) in try maps.add(filled) } }
        var objects: [String: ProgramObject] = [:]
        var filling: EgressMaps?
        for name in names(of: hooks) {
            let wanted = hooks.filter { ProgramImage.name(of: $0) == name }
            let object = try open(wanted, plan, connections, maps)
            if hasEndpoints(wanted), maps[EgressMaps.names[0]] == nil {
                let content = filling ?? EgressMaps(plan)
                filling = content
                try LaunchStep.loadPrograms.run("capacity") { () throws(Errno) in try content.setCapacities(object) }
            }
            try LaunchStep.loadPrograms.run("load \(name)") { () throws(Errno) in
                try object.load()
                let made = try maps.add(sessionMaps + EgressMaps.names, of: object)
                guard made.contains(EgressMaps.names[0]), let filling else { return }
                try filling.fill(object)
                try shared.remember(content, maps)
            }
            objects[name] = object
        }
        return ProgramSet(hooks: hooks, objects: objects)
    }

    private static func open(
        _ hooks: [ck_hook], _ plan: CgroupPlan, _ connections: ConnectionRules, _ maps: MapDescriptors
    ) throws(LaunchFailure) -> ProgramObject {
        try LaunchStep.loadPrograms.run("open") { () throws(Errno) in
            let object = try ProgramObject(ProgramImage.bytes(of: hooks[0]), name: ProgramImage.name(of: hooks[0]) ?? "")
            for hook in hooks { try object.want(hook.program) }
            if hasEndpoints(hooks) { try object.setConstants(plan.rules(connections)) }
            if hooks.contains(CK_HOOK_EXECUTE) { try object.setConstants(plan.executeRules) }
            try object.reuse(maps)
            return object
        }
    }

    private static func hasEndpoints(_ hooks: [ck_hook]) -> Bool { !hooks.contains { $0.isOfUnix || $0 == CK_HOOK_EXECUTE } }

    /// Of the objects that hold the hooks' programs, each once.
    private static func names(of hooks: [ck_hook]) -> [String] {
        var names: [String] = []
        for name in hooks.compactMap(ProgramImage.name(of:)) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Permits the plan's sockets and files, each by the inode that is opened for it; nothing may be attached yet.
    func grantInodes(_ plan: CgroupPlan, opening open: EgressPrograms.Opening) throws(LaunchFailure) {
        try grant(plan.unix, at: CK_HOOK_UNIX_STREAM, in: String(cString: ck_egress_sockets), open)
        try grant(plan.executed, at: CK_HOOK_EXECUTE, in: String(cString: ck_egress_executables), open)
    }

    private func grant(_ rules: [InodeRule], at hook: ck_hook, in map: String, _ open: EgressPrograms.Opening) throws(LaunchFailure) {
        guard let object = ProgramImage.name(of: hook).flatMap({ objects[$0] }) else { return }
        for rule in rules {
            let status = try LaunchStep.loadPrograms.run(rule.path) { () throws(Errno) in
                let file = try open(rule)
                let status = try file.knownStatus().status
                try object.grant(file, in: map)
                return status
            }
            guard status.device == rule.device, status.inode == rule.inode else {
                throw LaunchFailure(.loadPrograms, nil, "\(rule.path) is no longer what it was when the policy was compiled")
            }
        }
    }

    /// The object that holds a hook's program.
    private func object(of hook: ck_hook) throws(Errno) -> ProgramObject {
        guard let object = ProgramImage.name(of: hook).flatMap({ objects[$0] }) else { throw .invalid }
        return object
    }

    /// A link of the hook's program to the cgroup.
    func attach(_ hook: ck_hook, to cgroup: Int32) throws(Errno) -> OwnedDescriptor {
        try object(of: hook).attach(hook.program, to: cgroup)
    }

    /// The hook's program.
    func program(_ hook: ck_hook) throws(Errno) -> OwnedDescriptor { try object(of: hook).program(hook.program) }
}

extension ck_hook {
    /// It only denies, and denies only what another mechanism denies: beside it others may deny what they like.
    var isSecondLayer: Bool { rawValue >= CK_HOOK_SOCK_CREATE.rawValue && rawValue <= CK_HOOK_RECEIVED_LISTEN.rawValue }

    /// At a security hook (BPF_LSM_CGROUP).
    var isOfSecurity: Bool { isOfUnix || rawValue >= CK_HOOK_RECEIVED_CONNECT.rawValue && rawValue <= CK_HOOK_RECEIVED_LISTEN.rawValue }

    /// Those at security hooks that judge unix sockets, by inodes alone.
    var isOfUnix: Bool { rawValue >= CK_HOOK_UNIX_STREAM.rawValue && rawValue <= CK_HOOK_UNIX_LISTEN.rawValue }

    /// Its program's name, which is also that of the link's pin.
    var program: String { ck_egress_program(self).map { String(cString: $0) } ?? "" }
}
