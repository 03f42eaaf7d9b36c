import Descriptors
import Glibc

/// What runs as root is root's to write: the program, and every directory in which another could be put in its place.
extension Notifier {
    enum Problem: Error, Sendable, Hashable {
        case foreign(owner: UInt32)
        case writable
        /// What it leads to would lie elsewhere.
        case link
        case notDirectory
        case notProgram
        case notRead(Errno)

        var text: String {
            switch self {
            case .foreign(let owner): "it belongs to uid \(owner), and must be root's"
            case .writable: "others than root may write it"
            case .link: "it is a link; name what it leads to"
            case .notDirectory: "it is no directory"
            case .notProgram: "it is no file that can be run"
            case .notRead(let error): "it cannot be looked at: \(error.name)"
            }
        }
    }

    /// Once this holds, it does for as long as root wants it to. `path`: absolute. `root`: the uid that may write.
    static func requireRoots(_ path: String, owner root: UInt32 = 0) throws(DaemonFailure) {
        var place = ""
        let parts = path.split(separator: "/").map(String.init)
        do throws(Problem) {
            try require(try status(of: "/"), isProgram: parts.isEmpty, root)
            for (index, part) in parts.enumerated() {
                place += "/" + part
                try require(try status(of: place), isProgram: index == parts.count - 1, root)
            }
        } catch {
            throw .notifier(place.isEmpty ? "/" : place, error)
        }
    }

    private static func status(of path: String) throws(Problem) -> FileStatus {
        do throws(Errno) { return try WorkingDirectory().status(of: path, followingLinks: false) } catch { throw .notRead(error) }
    }

    private static func require(_ status: FileStatus, isProgram: Bool, _ root: UInt32) throws(Problem) {
        if status.isSymbolicLink { throw .link }
        guard status.owner == root else { throw .foreign(owner: status.owner) }
        guard status.permissions & 0o022 == 0 else { throw .writable }
        guard isProgram else {
            guard status.isDirectory else { throw .notDirectory }
            return
        }
        guard status.isRegularFile, status.permissions & 0o100 != 0 else { throw .notProgram }
    }
}
