public import Descriptors

/// The cgroup2 hierarchy of this host, and the place below which sessions get their scopes.
public struct CgroupTree: Sendable, Hashable {
    /// Where cgroup2 is mounted; on hybrid hosts beside the old hierarchies.
    public let mount: String
    /// The cgroup in which scopes are made, `/` or `/a/b`.
    public let own: String
    /// Whether it is this process's own, or one that was delegated besides.
    public let isOwn: Bool

    /// The directory of that cgroup.
    public var directory: String { own == "/" ? mount : mount + own }

    /// Where the daemon itself lives once it gave controllers to those below its own cgroup; also the name for a manager that starts it there.
    public static let daemonLeaf = "sandboxd-daemon"

    /// Where the one process lives that keeps a cgroup of scopes from being removed.
    public static let holderLeaf = "sandboxd-holder"

    /// Moves this process into a leaf of the cgroup, which is made where it is missing (cgroups(7)).
    public func enter(leaf: String) throws(Errno) {
        do throws(Errno) { try WorkingDirectory().makeDirectory(directory + "/" + leaf, mode: 0o755) } catch {
            if error != .exists { throw error }
        }
        try WorkingDirectory().open(directory + "/" + leaf + "/cgroup.procs", .write).writeWhole("0")
    }

    public init(mount: String, own: String, isOwn: Bool = true) {
        self.mount = mount
        self.own = own
        self.isOwn = isOwn
    }

    /// Another cgroup of the hierarchy, by its path.
    public func other(at path: String) -> CgroupTree { CgroupTree(mount: mount, own: path, isOwn: false) }

    /// The one of that name beside this one.
    public func beside(named name: String) -> CgroupTree {
        let parent = own.utf8.lastIndex(of: UInt8(ascii: "/")).map { own[..<$0] } ?? ""
        return other(at: parent + "/" + name)
    }

    /// Reads /proc/self/mountinfo and /proc/self/cgroup (proc(5), cgroups(7)); `nil` where cgroup2 is not mounted or this process is in none.
    public static func find() throws(Errno) -> CgroupTree? {
        guard let mounts = try text(of: "/proc/self/mountinfo"), let mount = mountPoint(in: mounts),
            let cgroups = try text(of: "/proc/self/cgroup"), let own = ownPath(in: cgroups)
        else { return nil }
        return CgroupTree(mount: mount, own: withoutLeaf(own))
    }

    /// A daemon in the leaf makes scopes beside it.
    private static func withoutLeaf(_ path: String) -> String {
        let suffix = "/" + daemonLeaf
        guard path.hasSuffix(suffix) else { return path }
        return path.utf8.count == suffix.utf8.count ? "/" : String(path.dropLast(suffix.count))
    }

    /// The path in cgroup2 of a process; `nil` when it is gone.
    public static func path(ofProcess process: Int32) -> String? {
        guard let text = try? text(of: "/proc/\(process)/cgroup") else { return nil }
        return ownPath(in: text)
    }

    /// The mount point of the first cgroup2 entry whose root is the whole hierarchy.
    static func mountPoint(in mountinfo: String) -> String? { mounts(of: "cgroup2", in: mountinfo).first { $0.root == "/" }?.point }

    /// A hierarchy's entry in mountinfo: which of its cgroups is mounted where, and the options of the filesystem.
    struct Mount: Hashable {
        var root: String
        var point: String
        var options: [Substring]
    }

    static func mounts(of type: String, in mountinfo: String) -> [Mount] {
        mountinfo.split(separator: "\n").compactMap { line in
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let fields = halves[0].split(separator: " ")
            let filesystem = halves[1].split(separator: " ")
            guard fields.count >= 5, filesystem.count >= 3, filesystem[0].utf8.elementsEqual(type.utf8) else { return nil }
            return Mount(root: unescaped(fields[3]), point: unescaped(fields[4]), options: filesystem[2].split(separator: ","))
        }
    }

    /// What is left of a path in a hierarchy below the cgroup that is mounted; `nil` when it lies elsewhere.
    static func below(_ root: String, _ path: String) -> String? {
        if root == "/" { return path }
        if path == root { return "/" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count)) : nil
    }

    static func ownPath(in cgroups: String) -> String? {
        cgroups.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }

    /// mountinfo writes space, tab, newline and backslash as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3, let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(value)
                rest.removeFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func text(of path: String) throws(Errno) -> String? {
        let file = try WorkingDirectory().open(path)
        return try file.readAll(limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension CgroupTree {
    /// The path of a directory below the mount as /proc/PID/cgroup writes it; `nil` for a directory elsewhere.
    public func path(ofDirectory directory: String) -> String? {
        guard directory.utf8.starts(with: mount.utf8) else { return nil }
        return String(directory.dropFirst(mount.count))
    }
}
