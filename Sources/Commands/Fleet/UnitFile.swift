import Descriptors

/// A file that `unit` writes: whole or not at all, and never over another that says something else, unless told to.
struct UnitFile: Sendable, Hashable {
    /// Absolute.
    let path: String
    let bytes: [UInt8]

    /// What keeps it from being written.
    enum Obstacle: Error, Sendable, Hashable {
        /// Something else stands there.
        case differs(String)
        case systemCall(String, Errno)
    }

    private static let most = 1 << 20

    /// False when it stands there already, as it is.
    func isNeeded(overwriting: Bool) throws(Obstacle) -> Bool {
        do throws(Errno) {
            let status = try WorkingDirectory().status(of: path, followingLinks: false)
            let present = status.isRegularFile ? try WorkingDirectory().contents(of: path, limit: Self.most) : nil
            if present == bytes { return false }
        } catch {
            if error == .noEntry { return true }
            throw .systemCall(path, error)
        }
        guard overwriting else { throw .differs(path) }
        return true
    }

    /// A new file beside it, brought to the disk and renamed into place.
    func write() throws(Obstacle) {
        do throws(Errno) {
            try Self.makeDirectories(above: path)
            let new = path + ".new"
            try? WorkingDirectory().unlink(new)
            let file = try WorkingDirectory().open(new, [.write, .create, .exclusive], mode: 0o600)
            try file.writeWhole(bytes)
            try file.setPermissions(0o644)
            try file.synchronize()
            try WorkingDirectory().rename(new, to: path)
        } catch {
            throw .systemCall(path, error)
        }
    }

    private static func makeDirectories(above path: String) throws(Errno) {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += "/" + part
            do throws(Errno) {
                try WorkingDirectory().makeDirectory(made, mode: 0o755)
                try WorkingDirectory().open(made, [.read, .directory, .noFollow]).setPermissions(0o755)
            } catch {
                if error != .exists { throw error }
            }
        }
    }
}
