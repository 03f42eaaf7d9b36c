public import Descriptors

/// What /proc must say of a process that is about to be released (proc_pid_status(5)).
public struct ProcessCheck: Sendable, Hashable {
    public var uid: UInt32
    public var gid: UInt32
    /// The cgroup2 path that it must be in, as /proc/PID/cgroup writes it; `nil` where no cgroup confines.
    public var cgroup: String?
    /// Whether the bounding set must be empty; only who may drop it can promise it.
    public var hasEmptyBoundingSet: Bool

    public init(uid: UInt32, gid: UInt32, cgroup: String?, hasEmptyBoundingSet: Bool) {
        self.uid = uid
        self.gid = gid
        self.cgroup = cgroup
        self.hasEmptyBoundingSet = hasEmptyBoundingSet
    }

    /// The first line of /proc/PID/status that is not as it must be, or `nil`.
    public func objection(to process: Int32) throws(Errno) -> String? {
        let file = try WorkingDirectory().open("/proc/\(process)/status")
        let bytes = try file.readAll(limit: 1 << 16) ?? []
        if let line = objection(toStatus: String(decoding: bytes, as: UTF8.self)) { return line }
        guard let cgroup else { return nil }
        // Whoever has ended since then is not wrong but gone, as above.
        let actual = try CgroupTree.text(of: "/proc/\(process)/cgroup").flatMap { CgroupTree.ownPath(in: $0) }
        return actual == cgroup ? nil : "cgroup is `\(actual ?? "none")`, not `\(cgroup)`"
    }

    func objection(toStatus status: String) -> String? {
        var fields: [Substring: [Substring]] = [:]
        for line in status.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...].split { $0 == "\t" || $0 == " " }
        }
        let zero = "0000000000000000"
        var expected: [(Substring, [String])] = [
            ("Uid", Array(repeating: "\(uid)", count: 4)), ("Gid", Array(repeating: "\(gid)", count: 4)), ("NoNewPrivs", ["1"]),
            ("CapInh", [zero]), ("CapPrm", [zero]), ("CapEff", [zero]), ("CapAmb", [zero]), ("Threads", ["1"]),
        ]
        if hasEmptyBoundingSet { expected.append(("CapBnd", [zero])) }
        for (name, values) in expected where fields[name]?.map(String.init) != values {
            return "\(name) is `\((fields[name] ?? []).joined(separator: " "))`, not `\(values.joined(separator: " "))`"
        }
        return nil
    }
}
