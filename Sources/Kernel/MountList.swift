import CLaunch
public import Descriptors
public import KernelPlan

/// A plan's mounts in the memfd that the keeper reads; the server and the self-test's process each make them for themselves.
public enum MountList {
    /// What is read-only under one name can be changed under another, where the same files are mounted twice.
    private static func checkAliases(_ paths: [String]) throws(LaunchFailure) {
        guard !paths.isEmpty else { return }
        let mountinfo = try LaunchStep.makeDescriptors.run("mounts") { () throws(Errno) in
            try WorkingDirectory().open("/proc/self/mountinfo").readAll(limit: 16 << 20) ?? []
        }
        let aliases = MountAliases(String(decoding: mountinfo, as: UTF8.self))
        for path in paths {
            guard let other = aliases.other(than: path) else { continue }
            throw LaunchFailure(.makeDescriptors, nil, "\(path) can be reached below \(other) as well, where it could be changed")
        }
    }

    /// `nil` where the server sees the host's mounts.
    public static func make(_ plan: KernelPlan) throws(LaunchFailure) -> OwnedDescriptor? {
        guard let mounts = plan.mounts else { return nil }
        try checkAliases(mounts.readOnly)
        let entries = mounts.entries(plan.landlock.mounted)
        guard entries.count + mounts.links.count <= Int(CL_MOUNTS_MAX) else {
            throw LaunchFailure(.makeDescriptors, nil, "\(entries.count) mounts")
        }
        return try LaunchStep.makeDescriptors.run("mounts") { () throws(Errno) in
            let list = try descriptor(cl_mounts_begin())
            for link in mounts.links { try check(cl_mounts_add_link(list.number, link.path, link.target)) }
            for entry in entries {
                var wire = entry.wire
                try check(cl_mounts_add(list.number, &wire, entry.path))
            }
            try check(cl_mounts_end(list.number))
            return list
        }
    }
}

/// One mount as it is written.
private struct MountEntry {
    var kind: cl_mount_kind
    var path: String
    var place: MountPlan.Place?
    var rights = FileRights()

    var wire: cl_mount {
        var wire = cl_mount()
        wire.kind = kind
        wire.rights = rights.rawValue
        wire.device = place?.device ?? 0
        wire.inode = place?.inode ?? 0
        return wire
    }
}

extension MountPlan {
    /// Whatever lies in another comes after it: each is placed in what was mounted before.
    fileprivate func entries(_ rules: [LandlockMountRule]) -> [MountEntry] {
        var entries = (only ?? []).map { MountEntry(kind: CL_MOUNT_SHOWN, path: $0.path, place: $0) }
        entries += (lent?.places ?? []).map { MountEntry(kind: CL_MOUNT_MAPPED, path: $0.path, place: $0) }
        entries += pinned.map { MountEntry(kind: CL_MOUNT_SAME, path: $0) }
        entries += readOnly.map { MountEntry(kind: CL_MOUNT_READ_ONLY, path: $0) }
        entries += temporary.map { MountEntry(kind: CL_MOUNT_TEMPORARY, path: $0) }
        if hasOwnProc { entries.append(MountEntry(kind: CL_MOUNT_PROC, path: "/proc")) }
        for index in entries.indices where entries[index].kind == CL_MOUNT_TEMPORARY || entries[index].kind == CL_MOUNT_PROC {
            let path = entries[index].path
            for rule in rules where rule.path.utf8.elementsEqual(path.utf8) { entries[index].rights.formUnion(rule.rights) }
        }
        return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}
