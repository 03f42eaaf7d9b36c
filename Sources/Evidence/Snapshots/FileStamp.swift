import Descriptors

/// How a file is known again without reading it. Nobody changes a file's content without a change of this, but who sets the host's clock back or
/// writes to the disk below the file system.
struct FileStamp: Hashable, Sendable {
    let bytes: Int
    /// When content or attributes changed last (`st_ctim`): nanoseconds since 1970.
    let changed: Int64

    init(bytes: Int, changed: Int64) {
        self.bytes = bytes
        self.changed = changed
    }

    init(_ status: FileStatus) {
        self.init(bytes: status.size, changed: status.changed)
    }

    /// nil where there is no such file.
    init?(of name: String, in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        do { self.init(try directory.status(of: name, followingLinks: false)) } catch {
            if error == .noEntry { return nil }
            throw error
        }
    }
}
