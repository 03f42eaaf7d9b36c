import CLaunch
public import Descriptors
import Glibc

/// What one child becomes: written once into a sealed memfd that the keeper reads.
public struct LaunchSpecification: Sendable {
    public struct Identity: Sendable, Hashable {
        public var uid: UInt32
        public var gid: UInt32
        public var groups: [UInt32]
        /// `false`: the child must already be this; nothing is changed (no privilege to do so).
        public var isChanged: Bool

        public init(uid: UInt32, gid: UInt32, groups: [UInt32], isChanged: Bool) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
            self.isChanged = isChanged
        }

        /// Who this process is, unchanged.
        public static var own: Identity { Identity(uid: geteuid(), gid: getegid(), groups: [], isChanged: false) }
    }

    /// RLIMIT_NOFILE of a server. Its keeper has the same: a hard limit that was lowered can not be raised again.
    public static let serverOpenFiles: UInt64 = 4_096

    public var path: [UInt8]
    public var arguments: [[UInt8]]
    public var environment: [[UInt8]]
    public var identity: Identity
    public var executesOnce: Bool
    /// Descriptors 0, 1 and 2, and no others, each a pipe.
    public var hasOnlyPipes: Bool
    public var waitsForGo: Bool
    /// Only for starting the keeper.
    public var keepsPrivilege: Bool
    public var dropsBounding: Bool
    public var landlockABI: Int
    public var openFiles: UInt64
    /// A network namespace of its own, with nothing configured in it.
    public var hasEmptyNetwork = false
    /// What listens in that namespace, at 127.0.0.1, and is served from outside; needs `hasEmptyNetwork` and `waitsForGo`.
    public var doorPort: UInt16?
    /// What it asks of the kernel is told to whoever gets the listener; not beside `executesOnce`.
    public var isObserved = false

    public init(
        path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]], identity: Identity, executesOnce: Bool = false,
        hasOnlyPipes: Bool = false,
        waitsForGo: Bool = true, keepsPrivilege: Bool = false, dropsBounding: Bool = true, landlockABI: Int = 0, openFiles: UInt64 = 1_024
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.identity = identity
        self.executesOnce = executesOnce
        self.hasOnlyPipes = hasOnlyPipes
        self.waitsForGo = waitsForGo
        self.keepsPrivilege = keepsPrivilege
        self.dropsBounding = dropsBounding
        self.landlockABI = landlockABI
        self.openFiles = openFiles
    }

    /// Descriptors that go with it: what the child gets as 0…, and what confines it.
    public struct Descriptors: Sendable {
        public var directory: BorrowedDescriptor?
        public var ruleset: BorrowedDescriptor?
        public var seccomp: BorrowedDescriptor?
        /// A list of mounts (`MountList`): a mount namespace of its own.
        public var mounts: BorrowedDescriptor?
        /// A user namespace, for mounts whose owners are mapped.
        public var mapping: BorrowedDescriptor?
        /// cgroup.procs, for writing, of each cgroup of an old hierarchy that the child enters itself.
        public var controllers: [BorrowedDescriptor]
        /// Becomes 0…N-1.
        public var inherited: [BorrowedDescriptor]

        public init(
            directory: BorrowedDescriptor? = nil, ruleset: BorrowedDescriptor? = nil, seccomp: BorrowedDescriptor? = nil,
            mounts: BorrowedDescriptor? = nil, mapping: BorrowedDescriptor? = nil, controllers: [BorrowedDescriptor] = [],
            inherited: [BorrowedDescriptor]
        ) {
            self.directory = directory
            self.ruleset = ruleset
            self.seccomp = seccomp
            self.mounts = mounts
            self.mapping = mapping
            self.controllers = controllers
            self.inherited = inherited
        }

        /// In the order of the wire, without the specification itself.
        var all: [BorrowedDescriptor] { [directory, ruleset, seccomp, mounts, mapping].compactMap { $0 } + controllers + inherited }
    }

    /// Writes it for these descriptors. The memfd is sealed.
    public func write(for descriptors: Descriptors) throws(Errno) -> OwnedDescriptor {
        var fixed = cl_specification(
            flags: flags(descriptors), uid: identity.uid, gid: identity.gid, umask: 0o077,
            landlock_flags: landlockABI >= 7 ? 2 : 0, descriptor_count: UInt32(descriptors.inherited.count),
            controller_count: UInt32(descriptors.controllers.count), door_port: UInt32(doorPort ?? 0))
        let arguments = Self.block(arguments)
        let environment = Self.block(environment)
        let limits = Self.fixedLimits + [cl_limit(resource: 7, reserved: 0, soft: openFiles, hard: openFiles)]
        let result = (path + [0]).withUnsafeBufferPointer { path in
            path.withMemoryRebound(to: CChar.self) { path in
                cl_specification_write(
                    &fixed, path.baseAddress!, arguments, arguments.count, environment, environment.count, identity.groups,
                    UInt32(identity.groups.count), limits, UInt32(limits.count))
            }
        }
        guard result >= 0 else { throw Errno(code: -result) }
        return OwnedDescriptor(owning: result)
    }

    private func flags(_ descriptors: Descriptors) -> UInt32 {
        var flags: UInt32 = 0
        if descriptors.directory != nil { flags |= UInt32(CL_HAS_DIRECTORY) }
        if descriptors.ruleset != nil { flags |= UInt32(CL_HAS_RULESET) }
        if descriptors.seccomp != nil { flags |= UInt32(CL_HAS_SECCOMP) }
        if !descriptors.controllers.isEmpty { flags |= UInt32(CL_HAS_CONTROLLERS) }
        if descriptors.mounts != nil { flags |= UInt32(CL_HAS_MOUNTS) }
        if descriptors.mapping != nil { flags |= UInt32(CL_HAS_MAPPING) }
        if isObserved { flags |= UInt32(CL_OBSERVED) }
        if hasEmptyNetwork { flags |= UInt32(CL_EMPTY_NETWORK) }
        // Who may not change identity has no privilege, and makes its namespaces as any user may.
        if descriptors.mounts != nil || hasEmptyNetwork, !identity.isChanged { flags |= UInt32(CL_BY_USER) }
        if doorPort != nil { flags |= UInt32(CL_HAS_DOOR) }
        if executesOnce { flags |= UInt32(CL_EXEC_ONCE) }
        if hasOnlyPipes { flags |= UInt32(CL_ONLY_PIPES) }
        if identity.isChanged { flags |= UInt32(CL_CHANGE_IDENTITY) }
        if dropsBounding { flags |= UInt32(CL_DROP_BOUNDING) }
        if keepsPrivilege { flags |= UInt32(CL_KEEP_PRIVILEGE) }
        if waitsForGo { flags |= UInt32(CL_WAIT_ARMED) }
        return flags
    }

    /// The same for every process of a session, whatever the daemon was started with (setrlimit(2)): no core dumps, which write secrets to disk; no
    /// real-time scheduling, which a share of processor time does not bound; no priority above the usual one.
    private static let fixedLimits = [
        4,  // RLIMIT_CORE
        13,  // RLIMIT_NICE
        14,  // RLIMIT_RTPRIO
    ].map { cl_limit(resource: $0, reserved: 0, soft: 0, hard: 0) }

    private static func block(_ strings: [[UInt8]]) -> [UInt8] { strings.flatMap { $0 + [0] } }
}
