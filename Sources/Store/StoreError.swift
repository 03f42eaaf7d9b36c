public import Descriptors

/// Why the store cannot be opened, read or written. Nothing of a failed transaction is kept.
public enum StoreError: Error, Sendable, Hashable {
    /// A system call on the file, or on its directory, failed.
    case system(Errno)
    /// No regular file of this user's.
    case notOurs
    /// Another process held it for longer than we wait.
    case busy
    /// It took longer than a call may.
    case tooSlow
    /// No space is left on the disk, or the store has reached its size.
    case full
    case readOnly
    /// The file is no database, or a damaged one, or holds what was never written by us.
    case corrupt
    /// It was written by a later version of sandboxd.
    case newer(version: Int64)
    /// The disk failed under it.
    case io
    /// SQLite's result code (https://www.sqlite.org/rescode.html).
    case failed(code: Int32)
}

extension StoreError {
    /// For the part of a sentence behind a colon.
    public var text: String {
        switch self {
        case .system(let error): error.name
        case .notOurs: "it is no regular file of this user's alone"
        case .busy: "another process keeps it locked"
        case .tooSlow: "it took too long"
        case .full: "no space is left for it"
        case .readOnly: "it cannot be written"
        case .corrupt: "it is damaged"
        case .newer(let version): "a later sandboxd wrote it (version \(version))"
        case .io: "the disk failed"
        case .failed(let code): "sqlite \(code)"
        }
    }

    /// A file or directory could not be made or looked at.
    init(making error: Errno) {
        self =
            switch error {
            case .readOnly: .readOnly
            case .noSpace: .full
            default: .system(error)
            }
    }

    /// Whether the database is to be opened anew before it is used again.
    public var isLasting: Bool {
        switch self {
        case .busy, .tooSlow, .full: false
        case .system, .notOurs, .readOnly, .corrupt, .newer, .io, .failed: true
        }
    }
}
