/// A mount namespace of the session's own, arranged before privilege is dropped. Everything not named here is as it is outside.
public struct MountPlan: Sendable, Hashable {
    /// What lay at a path when it was looked at.
    public struct Place: Sendable, Hashable {
        /// Resolved.
        public var path: String
        public var device: UInt64
        public var inode: UInt64

        public init(path: String, device: UInt64, inode: UInt64) {
            self.path = path
            self.device = device
            self.inode = inode
        }
    }

    /// A symbolic link.
    public struct Link: Sendable, Hashable {
        public var path: String
        public var target: String

        public init(path: String, target: String) {
            self.path = path
            self.target = target
        }
    }

    /// Directories of one user, bound over themselves so that his files are the session's own there, and nobody else's can be written.
    public struct Lent: Sendable, Hashable {
        /// Whose they are.
        public var uid: UInt32
        public var gid: UInt32
        /// Ascending; none lies in another.
        public var places: [Place]

        public init(uid: UInt32, gid: UInt32, places: [Place]) {
            self.uid = uid
            self.gid = gid
            self.places = places
        }
    }

    /// `nil`: the host's tree. Otherwise an empty root with these files bound into it, and nothing else; ascending.
    public var only: [Place]?
    /// Links in that root, as they are outside, that lead to these files; ascending.
    public var links: [Link]
    public var lent: Lent?
    /// Bound over themselves, read-only. Ascending, as are those below.
    public var readOnly: [String]
    /// Bound over themselves as they are, so that they cannot be renamed or removed.
    public var pinned: [String]
    /// Empty directories of the session's own, in memory.
    public var temporary: [String]
    /// /proc shows the session's own processes, and nothing else.
    public var hasOwnProc: Bool

    public init(
        only: [Place]? = nil, links: [Link] = [], lent: Lent? = nil, readOnly: [String] = [], pinned: [String] = [],
        temporary: [String] = [], hasOwnProc: Bool = false
    ) {
        self.only = only
        self.links = links
        self.lent = lent
        self.readOnly = readOnly
        self.pinned = pinned
        self.temporary = temporary
        self.hasOwnProc = hasOwnProc
    }

    /// Nothing that would need a namespace.
    public var isEmpty: Bool { self == MountPlan() }
}
