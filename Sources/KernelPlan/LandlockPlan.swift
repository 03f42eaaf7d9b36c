/// Rights of Landlock over files, as the kernel numbers them (landlock(7), `handled_access_fs`).
public struct FileRights: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let execute = FileRights(rawValue: 1 << 0)
    public static let writeFile = FileRights(rawValue: 1 << 1)
    public static let readFile = FileRights(rawValue: 1 << 2)
    public static let readDirectory = FileRights(rawValue: 1 << 3)
    public static let removeDirectory = FileRights(rawValue: 1 << 4)
    public static let removeFile = FileRights(rawValue: 1 << 5)
    public static let makeCharacterDevice = FileRights(rawValue: 1 << 6)
    public static let makeDirectory = FileRights(rawValue: 1 << 7)
    public static let makeFile = FileRights(rawValue: 1 << 8)
    public static let makeSocket = FileRights(rawValue: 1 << 9)
    public static let makeFIFO = FileRights(rawValue: 1 << 10)
    public static let makeBlockDevice = FileRights(rawValue: 1 << 11)
    public static let makeLink = FileRights(rawValue: 1 << 12)
    /// ABI 2.
    public static let refer = FileRights(rawValue: 1 << 13)
    /// ABI 3.
    public static let truncate = FileRights(rawValue: 1 << 14)
    /// ABI 5.
    public static let deviceControl = FileRights(rawValue: 1 << 15)
    /// Connecting and sending to unix sockets. ABI 9.
    public static let resolveUnix = FileRights(rawValue: 1 << 16)

    static let named: [(FileRights, String)] = [
        (.execute, "execute"), (.writeFile, "write-file"), (.readFile, "read-file"), (.readDirectory, "read-directory"),
        (.removeDirectory, "remove-directory"), (.removeFile, "remove-file"), (.makeCharacterDevice, "make-character-device"),
        (.makeDirectory, "make-directory"), (.makeFile, "make-file"), (.makeSocket, "make-socket"), (.makeFIFO, "make-fifo"),
        (.makeBlockDevice, "make-block-device"), (.makeLink, "make-link"), (.refer, "refer"), (.truncate, "truncate"),
        (.deviceControl, "device-control"), (.resolveUnix, "resolve-unix"),
    ]

    /// Names in the order of the bits.
    public var names: [String] { Self.named.filter { contains($0.0) }.map(\.1) }

    /// All rights over files that the given ABI can handle. A right that is not handled is not restricted, so a domain handles all of them.
    /// `resolveUnix` is not among them: it is handled where sockets are granted by path.
    public static func handled(byABI abi: Int) -> FileRights {
        var rights = FileRights(rawValue: (1 << 13) - 1)
        if abi >= 2 { rights.insert(.refer) }
        if abi >= 3 { rights.insert(.truncate) }
        if abi >= 5 { rights.insert(.deviceControl) }
        return rights
    }

    /// What may be given on a file that is no directory; the kernel refuses others with EINVAL.
    public static let onFiles: FileRights = [.execute, .writeFile, .readFile, .truncate, .deviceControl, .resolveUnix]

    /// `files.read`: content and listing.
    public static let reading: FileRights = [.readFile, .readDirectory]

    /// `files.write`: reading, and making, changing, renaming and removing regular files, directories and links. No devices, FIFOs or sockets.
    public static let writing: FileRights = [
        .readFile, .readDirectory, .writeFile, .truncate, .makeFile, .makeDirectory, .makeLink, .removeFile, .removeDirectory, .refer,
    ]
}

/// One path and what may be done beneath it.
public struct LandlockPathRule: Sendable, Hashable {
    /// Resolved; the rule itself is bound to the inode.
    public var path: String
    public var device: UInt64
    public var inode: UInt64
    public var rights: FileRights

    public init(path: String, device: UInt64, inode: UInt64, rights: FileRights) {
        self.path = path
        self.device = device
        self.inode = inode
        self.rights = rights
    }
}

/// A rule on the root of something that is mounted at launch, and so has no inode yet.
public struct LandlockMountRule: Sendable, Hashable {
    public var path: String
    public var rights: FileRights

    public init(path: String, rights: FileRights) {
        self.path = path
        self.rights = rights
    }
}

/// What stays inside of a Landlock domain (ABI 6), as the kernel numbers it (`scoped`).
public struct LandlockScopes: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let abstractSockets = LandlockScopes(rawValue: 1 << 0)
    public static let signals = LandlockScopes(rawValue: 1 << 1)

    /// Names in the order of the bits.
    public var names: [String] {
        (contains(.abstractSockets) ? ["abstract-sockets"] : []) + (contains(.signals) ? ["signals"] : [])
    }
}

/// The Landlock domain that the server enters before its first instruction.
public struct LandlockPlan: Sendable, Hashable {
    public var abi: Int
    public var handledFiles: FileRights
    public var paths: [LandlockPathRule]
    /// Rules on mounts of the plan's `mounts`; made inside of the namespace.
    public var mounted: [LandlockMountRule]
    /// Ports that TCP may connect to at any address, ascending; `nil` where Landlock does not handle TCP.
    public var connectPorts: [UInt16]?
    public var scopes: LandlockScopes
    /// What it denies is told by the kernel's audit log, which is on and read.
    public var isAudited: Bool

    public init(
        abi: Int, handledFiles: FileRights, paths: [LandlockPathRule], mounted: [LandlockMountRule] = [], connectPorts: [UInt16]? = nil,
        scopes: LandlockScopes = [], isAudited: Bool = false
    ) {
        self.abi = abi
        self.handledFiles = handledFiles
        self.paths = paths
        self.mounted = mounted
        self.connectPorts = connectPorts
        self.scopes = scopes
        self.isAudited = isAudited
    }

    /// Whether a file may be executed: by a rule of its own, which is bound to its inode, or of a directory above. `path` is resolved.
    public func permitsExecuting(device: UInt64, inode: UInt64, path: String) -> Bool {
        paths.contains { rule in
            guard rule.rights.contains(.execute) else { return false }
            return (rule.device, rule.inode) == (device, inode) || path.hasPrefix(rule.path == "/" ? "/" : rule.path + "/")
        }
    }
}
