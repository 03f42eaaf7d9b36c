import CKernel
public import Descriptors
public import KernelPlan

/// Why a running session could not be held to a tighter policy. Nothing is left as wide as it was.
public enum TighteningFailure: Error, Sendable, Hashable {
    /// The session's programs cannot be told to: nothing was changed, and the caller has to end the session.
    case notInPlace(String)
    /// Something failed, and the server's processes were killed.
    case killed(LaunchFailure)
    /// Something failed, and so did killing: the caller has to end the session by other means.
    case stillRunning(LaunchFailure, Errno)
}

extension EgressPrograms {
    /// Holds a running session to other lists: loads new programs with maps of their own, all of them before one is replaced, puts each in its
    /// link's place (BPF_LINK_UPDATE) and attaches those that were not there. From then on every packet is judged by the new lists, so that
    /// connections and datagrams of before that they no longer permit come to nothing, and those that they still permit go on.
    ///
    /// `plan` has to say all that is permitted: what filter and Landlock hold of a running session stays as it was. `canListen` tells whether
    /// that filter lets it listen. Fails closed: when anything fails, all of the server's processes are killed.
    public static func tighten(
        pins: String, to plan: CgroupPlan, canListen: Bool, on scope: SessionScope, sharing shared: SharedMaps = SharedMaps(),
        opening open: Opening = { _ throws(Errno) in throw .noEntry }
    ) throws(TighteningFailure) -> EgressPrograms {
        let pinned = Pinned(pins)
        guard !canListen || pinned.names.contains(ProgramSet.opened) else {
            throw .notInPlace("connections that the session opened cannot be told from those that it accepted")
        }
        do throws(LaunchFailure) {
            return try replace(pinned, with: plan, on: scope, shared, open)
        } catch {
            throw kill(scope, after: error)
        }
    }

    private static func kill(_ scope: SessionScope, after failure: LaunchFailure) -> TighteningFailure {
        do throws(Errno) {
            try scope.openKill(.server).writeWhole("1")
            return .killed(failure)
        } catch {
            return .stillRunning(failure, error)
        }
    }

    private static func replace(
        _ pinned: Pinned, with plan: CgroupPlan, on scope: SessionScope, _ shared: SharedMaps, _ open: Opening
    ) throws(LaunchFailure) -> EgressPrograms {
        let hooks = hooks(of: plan, beside: pinned.hooks)
        let maps = try pinned.maps()
        let connections = ConnectionRules(tighteningMarked: pinned.names.contains(ProgramSet.opened))
        let set = try ProgramSet.load(plan, hooks: hooks, connections, maps: maps, sharing: shared)
        try set.grantInodes(plan, opening: open)
        let leaf = try LaunchStep.loadPrograms.run { () throws(Errno) in try scope.open(.server) }
        if pinned.names.isEmpty {
            try LaunchStep.loadPrograms.run(pinned.path) { () throws(Errno) in try WorkingDirectory().makeDirectory(pinned.path) }
        }
        try pin(maps, in: pinned.path, except: pinned.names)
        var ids: [UInt32: UInt32] = [:]
        for hook in hooks {
            ids[hook.rawValue] =
                pinned.hooks.contains(hook)
                ? try replace(hook, of: set, in: pinned.path) : try attach(hook, of: set, to: leaf.number, pins: pinned.path)
        }
        for hook in pinned.hooks where ids[hook.rawValue] == nil { ids[hook.rawValue] = try pinned.program(at: hook) }
        let programs = EgressPrograms(pins: pinned.path, programs: ids)
        try programs.verify(on: leaf)
        return programs
    }

    /// Addresses are judged at all of their hooks, whatever held them until now; of the others those that are there or that are asked for.
    private static func hooks(of plan: CgroupPlan, beside present: [ck_hook]) -> [ck_hook] {
        CgroupPlan.Hook.allCases.filter { hook in
            switch hook {
            case .connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .egress, .ingress: true
            // What a running session may execute stays as it was, and so does whether it has started.
            case .execute: false
            case .sockCreate, .connectUnix, .sendmsgUnix, .received, .unix:
                plan.hooks.contains(hook) || hook.numbers.contains(where: present.contains)
            }
        }.flatMap(\.numbers)
    }

    private static func pin(_ maps: MapDescriptors, in pins: String, except present: Set<String>) throws(LaunchFailure) {
        for name in ProgramSet.sessionMaps where name != ProgramSet.opened && !present.contains(name) {
            guard let number = maps[name] else { continue }
            try LaunchStep.loadPrograms.run("pin \(name)") { () throws(Errno) in try check(ck_bpf_pin(number, pins + "/" + name)) }
        }
    }

    private static func replace(_ hook: ck_hook, of set: ProgramSet, in pins: String) throws(LaunchFailure) -> UInt32 {
        try LaunchStep.loadPrograms.run("replace \(hook.program)") { () throws(Errno) in
            let link = try descriptor(ck_bpf_open_pin(pins + "/" + hook.program))
            let program = try set.program(hook)
            try check(ck_bpf_link_replace(link.number, program.number))
            return try programID(ofLink: link)
        }
    }
}

/// What a session has pinned.
private struct Pinned {
    let path: String
    let names: Set<String>

    init(_ path: String) {
        self.path = path
        let names = try? WorkingDirectory().open(path, [.read, .directory]).names()
        self.names = Set((names ?? []).map { String(decoding: $0, as: UTF8.self) })
    }

    /// Those that a program is attached to.
    var hooks: [ck_hook] { CgroupPlan.Hook.allCases.flatMap(\.numbers).filter { names.contains($0.program) } }

    /// The id of the program that is attached there.
    func program(at hook: ck_hook) throws(LaunchFailure) -> UInt32 {
        try LaunchStep.loadPrograms.run("open \(hook.program)") { () throws(Errno) in
            try EgressPrograms.programID(ofLink: try descriptor(ck_bpf_open_pin(path + "/" + hook.program)))
        }
    }

    /// The session's own maps, which its new programs go on with.
    func maps() throws(LaunchFailure) -> MapDescriptors {
        let maps = MapDescriptors()
        for name in ProgramSet.sessionMaps where names.contains(name) {
            try LaunchStep.loadPrograms.run("open \(name)") { () throws(Errno) in
                maps.add(name, try descriptor(ck_bpf_open_pin(path + "/" + name)))
            }
        }
        return maps
    }
}
