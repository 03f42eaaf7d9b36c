/// A set of paths: single files, and directories with all beneath them. Resolved paths, compared as bytes.
struct PathTree: Sendable, Hashable {
    private(set) var roots: [PathRoot]

    /// Drops what lies beneath another root.
    init(_ roots: [PathRoot]) {
        let sorted = roots.sorted { $0.order.lexicographicallyPrecedes($1.order) }
        self.roots = sorted.reduce(into: []) { kept, root in
            if !kept.contains(where: { $0.covers(root) }) { kept.append(root) }
        }
    }

    func contains(_ path: String) -> Bool { roots.contains { $0.contains(path) } }

    /// What is of this set and not of another: parts whose union is that difference exactly.
    func parts(beyond other: PathTree) -> [PathPart] {
        roots.compactMap { root in
            guard !other.roots.contains(where: { $0.covers(root) }) else { return nil }
            return PathPart(root, besides: other.roots.filter { root.covers($0) })
        }
    }
}

/// A file, or a directory with all beneath it.
public struct PathRoot: Sendable, Hashable {
    /// Resolved.
    public var path: String
    public var isDirectory: Bool

    public init(_ path: String, isDirectory: Bool) {
        self.path = path
        self.isDirectory = isDirectory
    }

    public func contains(_ other: String) -> Bool {
        isDirectory ? other.isBeneath(path) : other.utf8.elementsEqual(path.utf8)
    }

    func covers(_ other: PathRoot) -> Bool {
        isDirectory ? other.path.isBeneath(path) : !other.isDirectory && contains(other.path)
    }

    /// Directories before files of one name, and before what lies beneath them.
    fileprivate var order: [UInt8] { Array(path.utf8) + [0, isDirectory ? 0 : 1] }
}

/// The paths of one root, less those of others.
public struct PathPart: Sendable, Hashable {
    public var root: PathRoot
    /// What of it is no part of the difference.
    public var besides: [PathRoot]

    public init(_ root: PathRoot, besides: [PathRoot] = []) {
        self.root = root
        self.besides = besides
    }

    public func contains(_ path: String) -> Bool { root.contains(path) && !besides.contains { $0.contains(path) } }
}
