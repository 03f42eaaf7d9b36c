import CKernel
public import Descriptors
public import KernelPlan
import Policy

/// The programs of one session on its server's cgroup: attached, and pinned so that they outlive whoever attached them.
public struct EgressPrograms: Sendable, Hashable {
    /// The directory below the bpffs that holds the pins.
    public let pins: String
    /// Ids of our programs by hook, to be found alone in the effective chain.
    let programs: [UInt32: UInt32]

    /// Loads, fills, freezes, attaches to the empty cgroup and pins. On failure nothing stays pinned.
    public static func attach(_ plan: CgroupPlan, to cgroup: borrowing OwnedDescriptor, pins: String) throws(LaunchFailure)
        -> EgressPrograms
    {
        try LaunchStep.loadPrograms.run(pins) { () throws(Errno) in try WorkingDirectory().makeDirectory(pins) }
        do throws(LaunchFailure) {
            let object = try EgressObject.load(plan)
            var ids: [UInt32: UInt32] = [:]
            for hook in plan.hooks.compactMap(\.number) { ids[hook.rawValue] = try object.attach(hook, to: cgroup.number, pins: pins) }
            let programs = EgressPrograms(pins: pins, programs: ids)
            try programs.verify(on: cgroup)
            return programs
        } catch {
            remove(pins: pins)
            throw error
        }
    }

    /// INVARIANT: before a process is released, the effective chain of each hook is exactly our program.
    public func verify(on cgroup: borrowing OwnedDescriptor) throws(LaunchFailure) {
        for hook in programs.keys.sorted().map({ ck_hook(rawValue: $0) }) {
            let number = cgroup.number
            let effective = try LaunchStep.loadPrograms.run { () throws(Errno) in try EffectivePrograms(hook, on: number) }
            guard effective.ids == [programs[hook.rawValue]] else {
                let found = effective.names.joined(separator: ", ")
                throw LaunchFailure(.loadPrograms, nil, "the chain of hook \(hook.rawValue) is not our program alone: \(found)")
            }
        }
    }

    /// Removes the pins; the programs go when the cgroup goes. What is gone already is fine.
    public static func remove(pins: String) {
        guard let directory = try? WorkingDirectory().open(pins, [.read, .directory]), let names = try? directory.names() else { return }
        for name in names { try? directory.unlink(name) }
        try? WorkingDirectory().removeDirectory(pins)
    }
}

/// The embedded object while it is being made into programs.
private struct EgressObject: ~Copyable {
    let object: OpaquePointer

    deinit { ck_bpf_close(object) }

    static func load(_ plan: CgroupPlan) throws(LaunchFailure) -> EgressObject {
        let image = EgressImage.bytes
        var failure: Int32 = 0
        var log = [CChar](repeating: 0, count: 4_096)
        guard let object = ck_bpf_open(image, image.count, "egress", &log, log.count, &failure) else {
            throw LaunchFailure(.loadPrograms, Errno(code: -failure), "open")
        }
        let loaded = EgressObject(object: object)
        try loaded.load(plan)
        return loaded
    }

    private func load(_ plan: CgroupPlan) throws(LaunchFailure) {
        let content = EgressMaps(plan)
        try LaunchStep.loadPrograms.run("constants") { () throws(Errno) in
            var rules = plan.rules(content)
            try check(ck_bpf_set_constants(object, &rules, MemoryLayout<egress_rules>.size))
            try setCapacity(ck_egress_endpoints, content.endpoints.count)
            try setCapacity(ck_egress_regions, content.tcp.regions.count)
            try setCapacity(ck_egress_udp_regions, content.udp.regions.count)
            try setCapacity(ck_egress_listen_regions, content.listen.regions.count)
            try setCapacity(ck_egress_port_sets, content.portSets.count)
        }
        try LaunchStep.loadPrograms.run("load") { () throws(Errno) in try check(ck_bpf_load(object)) }
        try LaunchStep.loadPrograms.run("fill") { () throws(Errno) in
            try fill(ck_egress_endpoints, content.endpoints, [UInt8](repeating: 1, count: content.endpoints.count))
            try fill(ck_egress_port_sets, content.portSets.indices.map { UInt32($0) }, content.portSets)
            try fill(ck_egress_regions, content.tcp.regions, content.tcp.sets)
            try fill(ck_egress_udp_regions, content.udp.regions, content.udp.sets)
            try fill(ck_egress_listen_regions, content.listen.regions, content.listen.sets)
        }
    }

    private func setCapacity(_ map: UnsafePointer<CChar>, _ count: Int) throws(Errno) {
        try check(ck_bpf_set_capacity(object, map, UInt32(max(1, count))))
    }

    /// Fills a map, then freezes it: from here on nobody changes what is permitted.
    private func fill<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ map: UnsafePointer<CChar>, _ keys: [Key], _ values: [Value])
        throws(Errno)
    {
        if !keys.isEmpty { try check(ck_bpf_fill(object, map, keys, values, UInt32(keys.count))) }
        try check(ck_bpf_freeze(object, map))
    }

    /// Attaches one program and pins its link; returns the program's id.
    func attach(_ hook: ck_hook, to cgroup: Int32, pins: String) throws(LaunchFailure) -> UInt32 {
        guard let name = ck_egress_program(hook) else { throw LaunchFailure(.loadPrograms, nil, "hook \(hook.rawValue) has no program") }
        let program = String(cString: name)
        return try LaunchStep.loadPrograms.run("attach \(program)") { () throws(Errno) in
            let link = try descriptor(ck_bpf_attach(object, name, cgroup))
            try check(ck_bpf_pin(link.number, pins + "/" + program))
            let id = ck_bpf_link_program_id(link.number)
            guard id > 0 else { throw Errno(code: Int32(-id)) }
            return UInt32(id)
        }
    }
}

extension CgroupPlan.Hook {
    /// `nil` for a hook that has no program; `PlanParts` keeps its plans away.
    fileprivate var number: ck_hook? {
        switch self {
        case .connect4: CK_HOOK_CONNECT4
        case .connect6: CK_HOOK_CONNECT6
        case .sendmsg4: CK_HOOK_SENDMSG4
        case .sendmsg6: CK_HOOK_SENDMSG6
        case .bind4: CK_HOOK_BIND4
        case .bind6: CK_HOOK_BIND6
        case .egress: CK_HOOK_EGRESS
        case .ingress: CK_HOOK_INGRESS
        case .unix: nil
        }
    }
}
