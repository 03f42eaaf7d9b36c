import CKernel
import Descriptors

/// The programs that run for a hook of a cgroup, those of its ancestors included (BPF_PROG_QUERY with BPF_F_QUERY_EFFECTIVE).
struct EffectivePrograms {
    /// In the order in which they run.
    let ids: [UInt32]

    init(_ hook: ck_hook, on cgroup: Int32) throws(Errno) {
        var ids = [UInt32](repeating: 0, count: 64)
        let count = ck_bpf_effective(cgroup, hook, &ids, UInt32(ids.count))
        try check(count)
        self.ids = Array(ids.prefix(Int(count)))
    }

    /// As the kernel knows them, with their numbers, which bpftool(8) takes.
    var names: [String] { ids.map { "\(Self.name(of: $0)) #\($0)" } }

    private static func name(of id: UInt32) -> String {
        var name = [CChar](repeating: 0, count: Int(CK_PROGRAM_NAME_MAX))
        guard ck_bpf_program_name(id, &name) == 0, name[0] != 0 else { return "unnamed" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
