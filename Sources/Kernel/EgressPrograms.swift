import CKernel
public import Descriptors
public import KernelPlan
import Policy

/// The programs of one session on its server's cgroup: attached, and pinned so that they outlive whoever attached them.
public struct EgressPrograms: Sendable, Hashable {
    /// The directory below the bpffs that holds the pins: of each link, and of the maps in which the programs tell of denials.
    public let pins: String
    /// Ids of our programs by hook, to be found alone in the effective chain.
    let programs: [UInt32: UInt32]

    /// Gives a descriptor (O_PATH) of the very inode that a rule is about.
    public typealias Opening = (InodeRule) throws(Errno) -> BorrowedDescriptor

    /// Loads, fills, freezes, attaches to the empty cgroup and pins. On failure nothing stays pinned.
    public static func attach(
        _ plan: CgroupPlan, to cgroup: borrowing OwnedDescriptor, pins: String, sharing shared: SharedMaps = SharedMaps(),
        opening open: Opening = { _ throws(Errno) in throw .noEntry }
    ) throws(LaunchFailure) -> EgressPrograms {
        try LaunchStep.loadPrograms.run(pins) { () throws(Errno) in try WorkingDirectory().makeDirectory(pins) }
        do throws(LaunchFailure) {
            let maps = MapDescriptors()
            let connections = ConnectionRules(launching: plan)
            let set = try ProgramSet.load(plan, hooks: plan.hooks.flatMap(\.numbers), connections, maps: maps, sharing: shared)
            try set.grantInodes(plan, opening: open)
            try pin(maps, in: pins, marking: connections.areMarked)
            var ids: [UInt32: UInt32] = [:]
            for hook in set.hooks { ids[hook.rawValue] = try attach(hook, of: set, to: cgroup.number, pins: pins) }
            let programs = EgressPrograms(pins: pins, programs: ids)
            try programs.verify(on: cgroup)
            return programs
        } catch {
            remove(pins: pins)
            throw error
        }
    }

    private static func pin(_ maps: MapDescriptors, in pins: String, marking areMarked: Bool) throws(LaunchFailure) {
        for name in ProgramSet.sessionMaps {
            guard let number = maps[name], name != ProgramSet.opened || areMarked else { continue }
            try LaunchStep.loadPrograms.run("pin \(name)") { () throws(Errno) in try check(ck_bpf_pin(number, pins + "/" + name)) }
        }
    }

    /// Attaches one program and pins its link; returns the program's id.
    static func attach(_ hook: ck_hook, of set: ProgramSet, to cgroup: Int32, pins: String) throws(LaunchFailure) -> UInt32 {
        try LaunchStep.loadPrograms.run("attach \(hook.program)") { () throws(Errno) in
            let link = try set.attach(hook, to: cgroup)
            try check(ck_bpf_pin(link.number, pins + "/" + hook.program))
            return try programID(ofLink: link)
        }
    }

    static func programID(ofLink link: borrowing OwnedDescriptor) throws(Errno) -> UInt32 {
        let id = ck_bpf_link_program_id(link.number)
        guard id > 0 else { throw Errno(code: Int32(-id)) }
        return UInt32(id)
    }

    /// INVARIANT: before a process is released, the effective chain of each hook is exactly our program, or with a second layer holds it.
    public func verify(on cgroup: borrowing OwnedDescriptor) throws(LaunchFailure) {
        for hook in programs.keys.sorted().map({ ck_hook(rawValue: $0) }) {
            let number = cgroup.number
            let effective = try LaunchStep.loadPrograms.run { () throws(Errno) in try EffectivePrograms(hook, on: number) }
            guard
                effective.ids.sorted() == expected(at: hook) || (hook.isSecondLayer && effective.ids.contains(programs[hook.rawValue] ?? 0))
            else {
                let found = effective.names.joined(separator: ", ")
                throw LaunchFailure(.loadPrograms, nil, "the chain of hook \(hook.rawValue) is not our program alone: \(found)")
            }
        }
    }

    /// Ascending. The kernel lists what runs at all security hooks together.
    private func expected(at hook: ck_hook) -> [UInt32] {
        guard hook.isOfSecurity else { return [programs[hook.rawValue] ?? 0] }
        return programs.filter { ck_hook(rawValue: $0.key).isOfSecurity }.values.sorted()
    }

    /// Removes the pins; the programs go when the cgroup goes. What is gone already is fine. `keepingCounts`: what was denied is still to be
    /// compared with what the gate told.
    public static func remove(pins: String, keepingCounts: Bool = false) {
        guard let directory = try? WorkingDirectory().open(pins, [.read, .directory]), let names = try? directory.names() else { return }
        let kept = keepingCounts ? [DenialMaps.ringPin, DenialMaps.countersPin].map { Array($0.utf8) } : []
        for name in names where !kept.contains(Array(name)) { try? directory.unlink(name) }
        try? WorkingDirectory().removeDirectory(pins)
    }
}

extension CgroupPlan.Hook {
    /// What the kernel calls it; several where one hook of the plan takes several programs.
    var numbers: [ck_hook] {
        switch self {
        case .connect4: [CK_HOOK_CONNECT4]
        case .connect6: [CK_HOOK_CONNECT6]
        case .sendmsg4: [CK_HOOK_SENDMSG4]
        case .sendmsg6: [CK_HOOK_SENDMSG6]
        case .bind4: [CK_HOOK_BIND4]
        case .bind6: [CK_HOOK_BIND6]
        case .egress: [CK_HOOK_EGRESS]
        case .ingress: [CK_HOOK_INGRESS]
        case .sockCreate: [CK_HOOK_SOCK_CREATE]
        case .connectUnix: [CK_HOOK_CONNECT_UNIX]
        case .sendmsgUnix: [CK_HOOK_SENDMSG_UNIX]
        case .execute: [CK_HOOK_EXECUTE]
        case .received: [CK_HOOK_RECEIVED_CONNECT, CK_HOOK_RECEIVED_SEND, CK_HOOK_RECEIVED_BIND, CK_HOOK_RECEIVED_LISTEN]
        case .unix: [CK_HOOK_UNIX_STREAM, CK_HOOK_UNIX_DATAGRAM, CK_HOOK_UNIX_BIND, CK_HOOK_UNIX_LISTEN]
        }
    }
}
