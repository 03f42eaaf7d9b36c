import CLinux
import Glibc

/// What stat(2) says about a file.
public struct FileStatus: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64
    /// Type and permission bits.
    public let mode: UInt32
    public let links: UInt64
    public let owner: UInt32
    public let group: UInt32
    /// Bytes.
    public let size: Int
    /// Nanoseconds since 1970 of the last change of the content.
    public let modified: Int64
    /// Nanoseconds since 1970 of the last change of content or attributes.
    public let changed: Int64

    init(_ raw: stat) {
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        mode = raw.st_mode
        links = UInt64(raw.st_nlink)
        owner = raw.st_uid
        group = raw.st_gid
        size = Int(raw.st_size)
        modified = Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
        changed = Int64(raw.st_ctim.tv_sec) * 1_000_000_000 + Int64(raw.st_ctim.tv_nsec)
    }

    /// As `clx_file_facts` tells it.
    init(_ facts: clx_file_facts) {
        device = facts.device
        inode = facts.inode
        mode = facts.mode
        links = UInt64(facts.links)
        owner = facts.uid
        group = facts.gid
        size = Int(facts.size)
        modified = facts.modified_nanoseconds
        changed = facts.changed_nanoseconds
    }

    /// The permission bits with set-id and sticky bits.
    public var permissions: UInt32 { mode & 0o7777 }
    public var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
    public var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    public var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    public var isSocket: Bool { mode & S_IFMT == S_IFSOCK }
    public var isPipe: Bool { mode & S_IFMT == S_IFIFO }
    public var isCharacterDevice: Bool { mode & S_IFMT == S_IFCHR }
}

extension Descriptor where Self: ~Copyable {
    /// fstat(2).
    public func status() throws(Errno) -> FileStatus {
        var raw = stat()
        _ = try retrying { fstat(number, &raw) }
        return FileStatus(raw)
    }

    /// The same as this kernel knows it: whoever serves the filesystem is not asked, and so cannot keep us waiting. The mount by its number,
    /// where the kernel says it (5.8).
    public func knownStatus() throws(Errno) -> (status: FileStatus, mount: UInt64?) {
        var facts = clx_file_facts()
        let result = clx_file_facts(number, &facts)
        guard result >= 0 else { throw Errno(code: -result) }
        return (FileStatus(facts), facts.mount == 0 ? nil : facts.mount)
    }

    /// fstatat(2); a link itself unless `followingLinks`.
    public func status(of path: some PathBytes, followingLinks: Bool = true) throws(Errno) -> FileStatus {
        var raw = stat()
        _ = try path.withNulEnded { path throws(Errno) in
            try retrying { fstatat(number, path, &raw, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) }
        }
        return FileStatus(raw)
    }

    /// fchmod(2).
    public func setPermissions(_ mode: UInt32) throws(Errno) {
        _ = try retrying { fchmod(number, mode) }
    }

    /// fchown(2).
    public func setOwner(_ owner: UInt32, group: UInt32) throws(Errno) {
        _ = try retrying { fchown(number, owner, group) }
    }
}
