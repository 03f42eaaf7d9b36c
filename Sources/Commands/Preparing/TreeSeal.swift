import Descriptors
import Glibc

/// Makes what an installer left behind read-only and the owner's, or takes it away. No link is followed.
enum TreeSeal {
    /// Without set-id bits and what groups and others could write. `writable`: whether the owner keeps the right to write; root needs none, and
    /// others must not have to be told by mistake that they may.
    static func seal(_ path: String, owner: UInt32, group: UInt32, installer: UInt32, keepsWrite: Bool) throws(TreeManifest.Problem) {
        let root: OwnedDescriptor
        do { root = try WorkingDirectory().open(path, [.read, .directory, .noFollow]) } catch { throw .unreadable("", error) }
        try TreeSeal.Walk(owner: owner, group: group, installer: installer, write: keepsWrite ? 0o200 : 0).directory(root, "", 0)
    }

    private struct Walk {
        let owner: UInt32
        let group: UInt32
        let installer: UInt32
        let write: UInt32

        func directory(_ directory: borrowing OwnedDescriptor, _ path: String, _ depth: Int) throws(TreeManifest.Problem) {
            guard depth < 48 else { throw .tooLarge }
            let names: [[UInt8]]
            do { names = try directory.names() } catch { throw .unreadable(path, error) }
            for name in names {
                let below = (path.isEmpty ? "" : path + "/") + String(decoding: name, as: UTF8.self)
                try entry(name, below, in: directory, depth)
            }
            try close(directory, path, 0o555 | write)
        }

        private func entry(
            _ name: [UInt8], _ path: String, in directory: borrowing OwnedDescriptor, _ depth: Int
        ) throws(TreeManifest.Problem) {
            let status: FileStatus
            do { status = try directory.status(of: name, followingLinks: false) } catch { throw .unreadable(path, error) }
            guard status.owner == installer || status.owner == owner else { throw .foreignOwner(path, status.owner) }
            if status.isSymbolicLink {
                let result = name.withNul { fchownat(directory.number, $0, owner, group, AT_SYMLINK_NOFOLLOW) }
                guard result == 0 else { throw .unreadable(path, .last) }
                return
            }
            guard status.isDirectory || status.isRegularFile else { throw .oddFile(path) }
            let flags: OpenFlags = status.isDirectory ? [.read, .directory, .noFollow] : [.read, .noFollow, .nonBlocking]
            let opened: OwnedDescriptor
            do { opened = try directory.open(name, flags) } catch { throw .unreadable(path, error) }
            if status.isDirectory { return try self.directory(opened, path, depth + 1) }
            guard status.links == 1 else { throw .severalNames(path) }
            try close(opened, path, (status.permissions & 0o100 != 0 ? 0o555 : 0o444) | write)
        }

        private func close(_ file: borrowing OwnedDescriptor, _ path: String, _ mode: UInt32) throws(TreeManifest.Problem) {
            do throws(Errno) {
                // The owner first: chown(2) takes set-id bits away, and nobody else may change the mode afterwards.
                try file.setOwner(owner, group: group)
                try file.setPermissions(mode)
            } catch {
                throw .unreadable(path, error)
            }
        }
    }

    /// Removes a tree, also one that is sealed; nothing there is no failure.
    static func remove(_ name: String, in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        let status: FileStatus
        do { status = try directory.status(of: name, followingLinks: false) } catch {
            if error == .noEntry { return }
            throw error
        }
        guard status.isDirectory else { return try directory.unlink(name) }
        try empty(try directory.open(name, [.read, .directory, .noFollow]), 0)
        try directory.removeDirectory(name)
    }

    private static func empty(_ tree: borrowing OwnedDescriptor, _ depth: Int) throws(Errno) {
        guard depth < 256 else { throw .loop }
        try tree.setPermissions(0o700)
        for name in try tree.names() {
            guard try tree.status(of: name, followingLinks: false).isDirectory else {
                try tree.unlink(name)
                continue
            }
            try empty(try tree.open(name, [.read, .directory, .noFollow]), depth + 1)
            try tree.removeDirectory(name)
        }
    }
}

extension [UInt8] {
    fileprivate func withNul<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (self + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { preconditionFailure("no bytes") }
            return body(start)
        }
    }
}
