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
    /// No connection to the database, or no answer from it.
    case unreachable
    /// The connection was lost while it was being done, or not.
    case uncertain
    /// The database has another encoding than UTF-8, or is older than PostgreSQL 13.
    case unsuited
    /// A text with a NUL in it, which PostgreSQL cannot hold.
    case unstorable
    /// PostgreSQL's error code.
    case sql(String)
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
        case .unreachable: "the database does not answer"
        case .uncertain: "the connection to the database was lost meanwhile; it may be done"
        case .unsuited: "the database must be encoded in UTF8, in PostgreSQL 13 or later"
        case .unstorable: "a text in it has a NUL"
        case .sql(let code): "postgresql \(code)"
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
        case .busy, .tooSlow, .full, .unreachable, .uncertain, .unsuited, .unstorable, .sql: false
        case .system, .notOurs, .readOnly, .corrupt, .newer, .io, .failed: true
        }
    }
}
