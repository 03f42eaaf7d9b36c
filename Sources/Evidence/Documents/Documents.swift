import Descriptors

/// The content behind the digests that receipts name, so that an auditor can read the policy and not only its hash: one file each, named by
/// its SHA-256.
///
/// INVARIANT: under a digest's name there is either nothing or the whole document. It lies on the disk before a receipt can name it.
struct Documents {
    /// Names were added that the directory on the disk may not have yet.
    private var hasNew = false

    /// What a crash may leave behind: a document that has no name yet.
    static let unfinished = "new"
    /// Bytes: a plan with 100,000 endpoints has a few MiB.
    static let limit = 16 << 20

    /// Keeps a document in a log's directory unless it is there already, whole; returns its digest.
    mutating func keep(_ document: [UInt8], in log: borrowing some Descriptor & ~Copyable) throws(Errno) -> Digest {
        guard document.count <= Self.limit else { throw .fileTooLarge }
        let digest = SHA256.digest(document)
        try LogDirectory.make(LogFiles.documents, in: log)
        let directory = try log.open(LogFiles.documents, .directory)
        if try Self.has(document, digest.hex, directory) { return digest }
        try Self.write(document, digest.hex, directory)
        hasNew = true
        return digest
    }

    /// fsync(2) of the names.
    mutating func synchronize(in log: borrowing some Descriptor & ~Copyable) throws(Errno) {
        guard hasNew else { return }
        try log.open(LogFiles.documents, .directory).synchronize()
        hasNew = false
    }

    /// What lies there and is something else, a disk or a stranger has changed: it is written again.
    private static func has(_ document: [UInt8], _ name: String, _ directory: borrowing OwnedDescriptor) throws(Errno) -> Bool {
        do { return try directory.contents(of: name, limit: document.count) == document } catch {
            if error == .noEntry { return false }
            throw error
        }
    }

    private static func write(_ document: [UInt8], _ name: String, _ directory: borrowing OwnedDescriptor) throws(Errno) {
        let file = try directory.open(unfinished, [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(document)
        try file.synchronize()
        try directory.rename(unfinished, to: name)
    }
}

extension ReceiptLog {
    /// Keeps what receipts are to name by the digest that is returned: canonical JSON of a policy, plan or host profile.
    public func keep(document: [UInt8]) throws(LogError) -> Digest {
        do { return try documents.keep(document, in: files.root) } catch { throw .system(error) }
    }
}
