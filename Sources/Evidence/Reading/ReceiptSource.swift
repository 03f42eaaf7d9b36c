import Descriptors

/// What receipts are read from, for people and exports: the directory of a log, or the file of a bundle. It tells what stands there;
/// whether that is what was signed is `verify`'s to say.
public struct ReceiptSource: Sendable {
    public enum Form: Hashable, Sendable {
        /// The directory of a log, which may grow meanwhile.
        case log
        /// One file that was taken from a log.
        case bundle
    }

    public let path: String
    public let form: Form

    /// Looks at what `path` names; nothing is read yet.
    public init(_ path: String) throws(ReceiptSourceError) {
        self.path = path
        do throws(Errno) {
            form = try WorkingDirectory().status(of: path).isDirectory ? .log : .bundle
            if form == .log { _ = try WorkingDirectory().status(of: "\(path)/\(LogFiles.segments)") }
        } catch {
            throw .system(error)
        }
        if form == .bundle { _ = try BundleReader(path) }
    }

    /// Hands each whole line in order to `body`, until that says no. Memory holds one line at a time.
    public func read(_ body: (StoredReceipt) -> Bool) throws(ReceiptSourceError) {
        var reader = try reader()
        while let receipt = try reader.next() {
            guard body(receipt) else { return }
        }
    }

    /// The same to be pulled: it stands before the first line.
    public func reader() throws(ReceiptSourceError) -> ReceiptReader {
        switch form {
        case .bundle: return ReceiptReader(try BundleReader(path))
        case .log: do { return ReceiptReader(try LogReader(directory: path)) } catch { throw .system(error) }
        }
    }

    /// The last one, whose signature is not looked at; nil where nothing is signed.
    public var checkpoint: Checkpoint? {
        switch form {
        case .log: return try? LogProver(directory: path).checkpoint
        case .bundle:
            guard let reader = try? BundleReader(path) else { return nil }
            return reader.header.checkpoint
        }
    }

    /// Whether whoever made a bundle asked for some receipts only. Retention may have left less of a log, too.
    public var isFiltered: Bool {
        guard form == .bundle, let reader = try? BundleReader(path) else { return false }
        return !reader.header.filter.isEmpty
    }

    /// As what a receipt names this digest; nil where none does.
    public func kind(of digest: Digest) throws(ReceiptSourceError) -> DocumentRole? {
        let name = DigestText(digest)
        var found: DocumentRole?
        try read { receipt in
            guard let documents = try? ReceiptLine(receipt.line).documents else { return true }
            found = DocumentRole.allCases.first { documents[$0] == name }
            return found == nil
        }
        return found
    }

    /// The policy, plan or host profile that receipts name by this digest: canonical JSON, whose hash is not checked here. nil where it is
    /// not kept.
    public func document(_ digest: Digest) throws(ReceiptSourceError) -> [UInt8]? {
        if form == .bundle {
            var reader = try BundleReader(path)
            return try reader.document(digest)
        }
        do throws(Errno) {
            guard let bytes = try WorkingDirectory().contents(of: "\(path)/\(LogFiles.documents)/\(digest.hex)", limit: Documents.limit)
            else { throw .fileTooLarge }
            return bytes
        } catch {
            if error == .noEntry { return nil }
            throw .system(error)
        }
    }
}
