public import Descriptors
public import KernelPlan

/// One session's cgroups: a scope with three leaves, or four. Policy hooks and limits sit on `server` alone; whatever is in the scope dies by one write.
public struct SessionScope: Sendable, Hashable {
    public enum Leaf: String, Sendable, Hashable, CaseIterable {
        case keeper, gate, server
        /// Of sessions that have names.
        case proxy
    }

    /// What a scope's name begins with; the session's id follows.
    public static let prefix = "sandboxd."

    /// Whether a cgroup's own name is that of a scope: the prefix and an id of 16 hexadecimal digits. A service may be called `sandboxd.service`.
    public static func isName(_ name: some StringProtocol) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let id = name.utf8.dropFirst(prefix.utf8.count)
        return id.count == 16 && id.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The absolute directory.
    public let directory: String

    public init(session: String, in tree: CgroupTree) {
        directory = (tree.directory == "/" ? "" : tree.directory) + "/" + Self.prefix + session
    }

    /// An existing scope, by its directory.
    public init(directory: String) { self.directory = directory }

    public var exists: Bool { (try? WorkingDirectory().status(of: directory, followingLinks: false).isDirectory) == true }

    /// Looks through the hierarchy for the scope of a session of which nothing is known but its id. Bounded: beyond, it is nowhere.
    public static func find(_ session: String, belowMount mount: String) -> SessionScope? {
        var level = [mount]
        var seen = 0
        for _ in 0..<deepest where !level.isEmpty {
            var next: [String] = []
            for directory in level {
                seen += 1
                guard seen <= most, let names = try? WorkingDirectory().open(directory, [.read, .directory, .noFollow]).names() else {
                    continue
                }
                let paths = names.map { directory + "/" + String(decoding: $0, as: UTF8.self) }
                if let found = paths.first(where: { $0.hasSuffix("/" + prefix + session) }) { return SessionScope(directory: found) }
                next += paths.filter { SessionScope(directory: $0).exists }
            }
            level = next
        }
        return nil
    }

    private static let deepest = 16
    private static let most = 16_384

    public func path(of leaf: Leaf) -> String { directory + "/" + leaf.rawValue }

    /// mkdir(2) of the scope and its leaves; what was made is removed again when one fails.
    public func make(withProxy: Bool = false) throws(Errno) {
        let root = WorkingDirectory()
        try root.makeDirectory(directory, mode: 0o755)
        do throws(Errno) {
            for leaf in Leaf.allCases where leaf != .proxy || withProxy { try root.makeDirectory(path(of: leaf), mode: 0o755) }
        } catch {
            try? remove()
            throw error
        }
    }

    /// Gives controllers to the leaves. The scope itself has no processes.
    public func enable(_ controllers: [Controller]) throws(Errno) {
        guard !controllers.isEmpty else { return }
        let file = try WorkingDirectory().open(directory + "/cgroup.subtree_control", .write)
        try file.writeWhole(controllers.map { "+\($0.rawValue)" }.joined(separator: " "))
    }

    /// The leaf's directory, to be born into.
    public func open(_ leaf: Leaf) throws(Errno) -> OwnedDescriptor {
        try WorkingDirectory().open(path(of: leaf), [.read, .directory])
    }

    /// The leaf's cgroup.kill, for writing.
    public func openKill(_ leaf: Leaf) throws(Errno) -> OwnedDescriptor {
        try WorkingDirectory().open(path(of: leaf) + "/cgroup.kill", .write)
    }

    /// The scope's own cgroup.kill, for writing: held where those inside have the owner's uid, and might change its mode.
    public func openKill() throws(Errno) -> OwnedDescriptor { try WorkingDirectory().open(directory + "/cgroup.kill", .write) }

    /// Kills every process of the scope, keeper included (cgroup.kill, Linux 5.14).
    public func kill() throws(Errno) {
        try openKill().writeWhole("1")
    }

    /// Whether any process is left in the scope.
    public func isPopulated() throws(Errno) -> Bool {
        let file = try WorkingDirectory().open(directory + "/cgroup.events")
        let bytes = try file.readAll(limit: 4_096) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains("populated 1")
    }

    /// rmdir(2) of leaves and scope; a scope that is gone already is fine. EBUSY while a process is left.
    public func remove() throws(Errno) {
        for path in Leaf.allCases.map(path(of:)) + [directory] {
            do throws(Errno) { try WorkingDirectory().removeDirectory(path) } catch {
                if error != .noEntry { throw error }
            }
        }
    }
}
