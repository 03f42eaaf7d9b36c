import CLinux
import ClientConfigs
import Descriptors
import Glibc

/// A client's file as it was found, and what puts another content in its place.
struct ClientConfigFile: Sendable {
    let place: ClientPlace
    let bytes: [UInt8]
    private let status: FileStatus

    /// nil where there is none.
    init?(_ place: ClientPlace) throws(ClientFileObstacle) {
        self.place = place
        do throws(Errno) {
            let file = try WorkingDirectory().open(place.path, [.read, .nonBlocking])
            status = try file.status()
            bytes = status.isRegularFile ? try file.bytes(at: 0, count: min(status.size, ConfigLimits.bytes) + 1) : []
        } catch {
            if error == .noEntry || error == .notDirectory { return nil }
            throw .unreadable(error)
        }
        guard status.isRegularFile else { throw .noRegularFile }
        guard bytes.count <= ConfigLimits.bytes else { throw .tooLarge }
    }

    /// Where the file itself lies.
    struct Home: ~Copyable {
        let directory: OwnedDescriptor
        let name: String
    }

    /// Opens its directory, once it is certain that the file is the caller's alone to change. `home` is the caller's.
    func checked(home: String?) throws(ClientFileObstacle) -> Home {
        guard let resolved = Self.resolved(place.path), let base = Self.resolved(place.base) else { throw .unreadable(.noEntry) }
        let direct = (base == "/" ? "" : base) + place.path.dropFirst(place.base == "/" ? 0 : place.base.count)
        if !resolved.utf8.elementsEqual(direct.utf8) {
            guard let home = home.flatMap(Self.resolved), home != "/", resolved.utf8.starts(with: (home + "/").utf8) else {
                throw .linkOut(target: resolved)
            }
        }
        let slash = resolved.utf8.lastIndex(of: UInt8(ascii: "/")) ?? resolved.startIndex
        let path = slash == resolved.startIndex ? "/" : String(resolved[..<slash])
        let home = try Self.open(path, String(resolved[resolved.utf8.index(after: slash)...]))
        try check(home, in: path)
        return home
    }

    /// realpath(3).
    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(validatingCString: found)
    }

    /// Without any link: what was resolved stays what was judged.
    private static func open(_ directory: String, _ name: String) throws(ClientFileObstacle) -> Home {
        let number = clx_openat2(AT_FDCWD, directory, UInt64(O_RDONLY | O_DIRECTORY), 0, UInt64(CLX_RESOLVE_NO_SYMLINKS))
        guard number >= 0 else { throw .unreadable(Errno(code: -number)) }
        return Home(directory: OwnedDescriptor(owning: number), name: name)
    }

    private func check(_ home: borrowing Home, in path: String) throws(ClientFileObstacle) {
        let now: FileStatus, directory: FileStatus
        do throws(Errno) {
            now = try home.directory.status(of: home.name, followingLinks: false)
            directory = try home.directory.status()
        } catch {
            throw .unreadable(error)
        }
        guard isStill(now) else { throw .changed }
        guard now.owner == geteuid() else { throw .foreign(owner: now.owner) }
        guard now.links == 1 else { throw .severalNames }
        guard !Self.mayWrite(now) else { throw .othersMayWrite }
        // In a directory with the sticky bit others replace nothing that is not theirs.
        let isKept = directory.permissions & 0o1000 != 0 || !Self.mayWrite(directory)
        guard isKept, [geteuid(), 0].contains(directory.owner) else { throw .othersMayReplace(directory: path) }
    }

    /// Whether others than the owner may write. A group that has its user's name and number, and is the user's own, is the user (pam_umask(8),
    /// `usergroups`).
    private static func mayWrite(_ status: FileStatus) -> Bool {
        if status.permissions & 0o002 != 0 { return true }
        guard status.permissions & 0o020 != 0 else { return false }
        guard status.group == getegid(), status.group == geteuid(), let user = getpwuid(geteuid()), let group = getgrgid(status.group)
        else {
            return true
        }
        return strcmp(user.pointee.pw_name, group.pointee.gr_name) != 0 || group.pointee.gr_mem?.pointee != nil
    }

    /// The same file, with the same content as far as its times tell.
    private func isStill(_ other: FileStatus) -> Bool {
        other.isRegularFile && other.device == status.device && other.inode == status.inode && other.size == status.size
            && other.modified == status.modified
    }

    // MARK: Replacing

    /// Puts `content` in the place of what was read: a new file beside it, with the same mode, owner and attributes, brought to the disk, and then
    /// exchanged with it. What comes out is looked at: where it is not what was read, it is put back.
    ///
    /// `beforeExchange` is for tests.
    func replace(with content: [UInt8], home: String?, beforeExchange: () -> Void = {}) throws(ClientFileObstacle) {
        let home = try checked(home: home)
        let new = ".\(home.name).sandboxctl-\(getpid())"
        do throws(Errno) {
            try prepare(new, content, home)
        } catch {
            try? home.directory.unlink(new)
            throw .unwritable(error)
        }
        beforeExchange()
        try exchange(new, home)
        do throws(Errno) { try home.directory.synchronize() } catch { throw .unwritable(error) }
    }

    private func prepare(_ new: String, _ content: [UInt8], _ home: borrowing Home) throws(Errno) {
        // One that this process left in an earlier life.
        try? home.directory.unlink(new)
        let file = try home.directory.open(new, [.write, .create, .exclusive, .noFollow], mode: 0o600)
        try file.writeWhole(content)
        let made = try file.status()
        if made.owner != status.owner || made.group != status.group { try file.setOwner(status.owner, group: status.group) }
        let old = try home.directory.open(home.name, [.read, .noFollow, .nonBlocking])
        let copied = clx_copy_attributes(old.number, file.number)
        if copied < 0 { throw Errno(code: -copied) }
        try file.setPermissions(status.permissions)
        try file.synchronize()
    }

    private func exchange(_ new: String, _ home: borrowing Home) throws(ClientFileObstacle) {
        guard isUnchanged(home.name, home) else { throw given(up: new, home, .changed) }
        let result = clx_rename_exchange(home.directory.number, new, home.name)
        guard result == 0 else { return try renameOver(new, home, Errno(code: -result)) }
        guard isUnchanged(new, home) else {
            // Somebody was between: what they wrote comes back, and what was made here goes.
            let back = clx_rename_exchange(home.directory.number, new, home.name)
            throw back == 0 ? given(up: new, home, .changed) : .unwritable(Errno(code: -back))
        }
        try? home.directory.unlink(new)
    }

    /// Where the file system cannot exchange: what was looked at is renamed over.
    private func renameOver(_ new: String, _ home: borrowing Home, _ error: Errno) throws(ClientFileObstacle) {
        guard error == .invalid || error == .notImplemented else {
            throw given(up: new, home, error == .noEntry ? .changed : .unwritable(error))
        }
        do throws(Errno) { try home.directory.rename(new, to: home.name) } catch { throw given(up: new, home, .unwritable(error)) }
    }

    /// Without the file that was made here.
    private func given(up new: String, _ home: borrowing Home, _ obstacle: ClientFileObstacle) -> ClientFileObstacle {
        try? home.directory.unlink(new)
        return obstacle
    }

    /// Whether what has this name is the file that was read, with what was read in it.
    private func isUnchanged(_ name: String, _ home: borrowing Home) -> Bool {
        do throws(Errno) {
            let file = try home.directory.open(name, [.read, .noFollow, .nonBlocking])
            let now = try file.status()
            let content = try file.bytes(at: 0, count: bytes.count + 1)
            return isStill(now) && content == bytes
        } catch {
            return false
        }
    }
}
