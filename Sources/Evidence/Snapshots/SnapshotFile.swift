import Descriptors
import StrictJSON

/// A snapshot as it lies beside its log: lines of JSON, the last of which signs those before it.
///
/// | lines | |
/// |---|---|
/// | one | `version`, `size`, `edge`, `keys`, `rotations`; `checkpoint`: where in its file a note over no fewer receipts begins; `roots`: the stamp of that file; how many lines of each kind follow |
/// | `segments` | `first` and what is known of its age; `bytes` and `changed` for what is finished and there |
/// | `sessions` | how far each has come |
/// | `erased` | contents of which a receipt says that they are gone |
/// | `notices` | removals that are told of and not done |
/// | one | `sha256` of all bytes before this line, `signature` over the statement, behind the first four bytes of the key's hash |
///
/// The statement is three lines, each with its line feed: `sandboxd-log-snapshot/v1`, the log's name, the digest (hexadecimal). A checkpoint never
/// begins so: its first line is a log's name, and the second a number.
struct SnapshotFile {
    var snapshot: LogSnapshot
    /// Where in the file `checkpoints` a note begins that covers it.
    var checkpoint: Int
    /// Of the file `roots`; nil where there is none.
    var roots: FileStamp?

    static let version: Int64 = 1
    /// A log of a thousand million receipts has some 10 MB.
    static let limit = 1 << 30

    static func statement(_ log: String, _ digest: Digest) -> [UInt8] {
        Array("sandboxd-log-snapshot/v1\n\(log)\n\(digest.hex)\n".utf8)
    }

    enum Member {
        static let version = "version"
        static let size = "size"
        static let edge = "edge"
        static let keys = "keys"
        static let rotations = "rotations"
        static let checkpoint = "checkpoint"
        static let roots = "roots"
        static let segments = "segments"
        static let sessions = "sessions"
        static let erased = "erased"
        static let notices = "notices"
        static let bytes = "bytes"
        static let changed = "changed"
        static let first = "first"
        static let seen = "seen"
        static let latest = "latest"
        static let ends = "ends"
        static let isRemoved = "removed"
        static let session = "session"
        static let receipts = "receipts"
        static let spool = "spool"
        static let goneSpool = "goneSpool"
        static let number = "number"
        static let receipt = "receipt"
        static let count = "count"
        static let digest = "sha256"
        static let signature = "signature"
    }
}

/// Between which a crash may fall.
enum SnapshotStep: CaseIterable {
    /// It is written under another name.
    case written
    /// It is on the disk under that name.
    case synchronized
    /// It has its own name.
    case renamed
}

extension SnapshotFile {
    /// Writes it whole and durably, signed: a new file, renamed into place.
    func write(in log: borrowing some Descriptor & ~Copyable, signedBy key: SigningKey, reached: (SnapshotStep) throws(Errno) -> Void)
        throws(Errno)
    {
        guard let text = text(signedBy: key) else { throw .invalid }
        let name = LogFiles.snapshot + ".new"
        let file = try log.open(name, [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(text)
        try reached(.written)
        try file.synchronize()
        try reached(.synchronized)
        try log.rename(name, to: LogFiles.snapshot)
        try reached(.renamed)
        try log.synchronize()
    }
}
