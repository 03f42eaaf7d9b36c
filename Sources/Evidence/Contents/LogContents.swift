import CLinux
import Descriptors

/// The contents that a log keeps beside its receipts: `contents/SESSION/NUMBER`, 0600. They can go without a change of the log.
struct LogContents {
    private let log: BorrowedDescriptor

    init(in log: BorrowedDescriptor) {
        self.log = log
    }

    /// Keeps a content unless it is there whole. It outlives this process; `synchronize` makes it outlive the host.
    func keep(_ bytes: [UInt8], _ name: ContentName) throws(Errno) {
        if try has(name, size: bytes.count) { return }
        try LogDirectory.make(LogFiles.contents, in: log)
        try LogDirectory.make("\(LogFiles.contents)/\(name.session)", in: log)
        let new = name.path + ".new"
        let file = try log.open(new, [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(bytes)
        try log.rename(new, to: name.path)
    }

    /// Whether there is one; with a size, whether it is so large.
    func has(_ name: ContentName, size: Int? = nil) throws(Errno) -> Bool {
        do {
            let found = try log.status(of: name.path).size
            return size.map { $0 == found } ?? true
        } catch {
            if error == .noEntry { return false }
            throw error
        }
    }

    /// nil when there is none.
    func content(_ name: ContentName) throws(Errno) -> [UInt8]? {
        do throws(Errno) {
            guard let bytes = try log.contents(of: name.path, limit: KeptContent.limit) else { throw .fileTooLarge }
            return bytes
        } catch {
            if error == .noEntry || error == .notDirectory { return nil }
            throw error
        }
    }

    /// Durably gone. What the disk keeps of deleted blocks is not ours to say.
    func remove(_ names: [ContentName]) throws(Errno) {
        for name in names {
            for path in [name.path, name.path + ".new"] {
                do { try log.unlink(path) } catch {
                    if error != .noEntry { throw error }
                }
            }
        }
        for session in Set(names.map(\.session)) { try settle(session) }
    }

    /// Brings the removal of names to the disk; a directory that holds nothing more goes, too.
    private func settle(_ session: String) throws(Errno) {
        let path = "\(LogFiles.contents)/\(session)"
        do {
            let directory = try log.open(path, .directory)
            try directory.synchronize()
            guard try directory.names().isEmpty else { return }
            try log.removeDirectory(path)
            try log.open(LogFiles.contents, .directory).synchronize()
        } catch {
            if error != .noEntry { throw error }
        }
    }

    /// syncfs(2): they are many, and one call brings all of them to the disk.
    func synchronize(_ session: String) throws(Errno) {
        let directory: OwnedDescriptor
        do { directory = try log.open("\(LogFiles.contents)/\(session)", .directory) } catch {
            if error == .noEntry { return }
            throw error
        }
        let result = clx_sync_filesystem(directory.number)
        guard result >= 0 else { throw Errno(code: -result) }
    }
}
