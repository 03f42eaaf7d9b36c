/// What a path denotes: the inode behind all links, and whatever the compiler must know about it.
public struct PathFacts: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case directory, file, socket, other }

    /// Absolute, without links, `.` or `..`.
    public var resolved: String
    public var kind: Kind
    public var device: UInt64
    public var inode: UInt64
    public var linkCount: UInt64
    public var owner: UInt32
    public var group: UInt32
    /// Permission bits, 0o7777.
    public var mode: UInt32
    /// Links that were followed, in order.
    public var links: [FollowedLink]
    /// The directories from / down to the one that holds the path; for what ordinary permissions say.
    public var ancestors: [Ancestor]
    /// The magic number of its filesystem (statfs(2) `f_type`).
    public var filesystem: UInt64

    public init(
        resolved: String, kind: Kind, device: UInt64, inode: UInt64, linkCount: UInt64, owner: UInt32, group: UInt32, mode: UInt32,
        links: [FollowedLink] = [], ancestors: [Ancestor] = [], filesystem: UInt64 = 0
    ) {
        self.resolved = resolved
        self.kind = kind
        self.device = device
        self.inode = inode
        self.linkCount = linkCount
        self.owner = owner
        self.group = group
        self.mode = mode
        self.links = links
        self.ancestors = ancestors
        self.filesystem = filesystem
    }
}

/// A symbolic link that was followed, and who owns it and the directory that holds it: whoever may change one of them may change what the path denotes.
public struct FollowedLink: Sendable, Hashable {
    public var path: String
    public var target: String
    /// The directory that holds the link.
    public var holder: Ancestor

    public init(path: String, target: String, holder: Ancestor) {
        self.path = path
        self.target = target
        self.holder = holder
    }
}

/// A directory on the way to a path.
public struct Ancestor: Sendable, Hashable {
    public var path: String
    public var owner: UInt32
    public var group: UInt32
    public var mode: UInt32

    public init(path: String, owner: UInt32, group: UInt32, mode: UInt32) {
        self.path = path
        self.owner = owner
        self.group = group
        self.mode = mode
    }
}
