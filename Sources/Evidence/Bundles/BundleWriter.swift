public import Descriptors
import StrictJSON

/// Takes a bundle from a log: what is asked for of that what its last checkpoint signs. The log may grow meanwhile. It is read two or three times,
/// line by line; nothing is held but which sessions and documents are wanted.
public struct BundleWriter {
    /// Why there is no bundle; what was written until then has no end, and does not verify.
    public enum Problem: Error, Hashable, Sendable {
        case system(Errno)
        /// There is no checkpoint, or the last is none.
        case unsigned
        /// The log does not begin by naming its key, or exchanges it for what is none.
        case malformedKey
        /// A line of the log is no receipt.
        case notReceipt(number: UInt64)
        /// The log is shorter than its checkpoint says.
        case short(found: UInt64)
        /// The log is not what was signed.
        case changed
        /// A document is not the one whose digest names it.
        case changedDocument(Digest)
        /// What came out could not be written.
        case output
    }

    /// What a bundle came to hold.
    public struct Counts: Hashable, Sendable {
        public let receipts: UInt64
        public let documents: Int
        /// Named by receipts, and not kept by the log.
        public let absentDocuments: Int
        /// How many receipts were signed.
        public let size: UInt64
    }

    private let directory: String
    private let filter: BundleFilter
    private let checkpoint: Checkpoint

    public init(directory path: String, filter: BundleFilter) throws(Problem) {
        directory = path
        self.filter = filter
        let file: CheckpointFile
        do throws(Errno) {
            let directory = try WorkingDirectory().open(path, .directory)
            file = try CheckpointFile(in: directory)
        } catch {
            throw .system(error)
        }
        guard let last = file.entries.last?.checkpoint else { throw .unsigned }
        checkpoint = last
    }

    /// Hands the file to `sink` piece by piece, until that says that it could not be written.
    public func write(_ sink: @escaping ([UInt8]) -> Bool) throws(Problem) -> Counts {
        let selection = try select()
        let survey = try survey(selection)
        let digests = survey.documents.digests.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var kept: [Digest] = []
        for digest in digests where try document(digest) != nil { kept.append(digest) }
        let counts = BundleHeader.Counts(receipts: survey.receipts, documents: UInt64(kept.count), removed: survey.removed)
        let output = BundleOutput(sink)
        try output.write(BundleHeader(checkpoint: checkpoint, keys: survey.keys, filter: filter, counts: counts).line)
        for digest in kept { try write(digest, to: output) }
        try writeTree(selection, to: output)
        try output.end()
        return Counts(receipts: survey.receipts, documents: kept.count, absentDocuments: digests.count - kept.count, size: checkpoint.size)
    }

    private func select() throws(Problem) -> BundleSelection {
        var selection = BundleSelection(filter)
        guard filter.server != nil else { return selection }
        try read { _, piece in
            if case .receipt(let line, let bytes) = piece { selection.learn(line, bytes) }
        }
        return selection
    }

    private struct Survey {
        var receipts: UInt64 = 0
        var removed: UInt64 = 0
        var documents = DocumentCensus()
        /// From the first on, as the log tells of them.
        var keys: [VerifierKey] = []
    }

    private func survey(_ selection: BundleSelection) throws(Problem) -> Survey {
        var survey = Survey()
        try read { _, piece throws(Problem) in
            guard case .receipt(let line, let bytes) = piece, selection.takes(line, bytes) else { return }
            survey.receipts += 1
            survey.documents.add(line.documents)
            try note(BundleEvent(line, bytes), line, bytes, in: &survey)
        }
        if survey.keys.isEmpty { throw .malformedKey }
        return survey
    }

    private func note(
        _ event: BundleEvent?, _ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer, in survey: inout Survey
    ) throws(Problem) {
        switch event {
        case nil: break
        case .removed(let count): survey.removed += count
        case .keyCreated:
            guard let key = LogEvent.createdKey(bytes).flatMap({ VerifierKey(text: $0) }) else { throw .malformedKey }
            survey.keys.append(key)
        case .keyRotated:
            guard let rotation = try? LogEvent.rotation(line, bytes) else { throw .malformedKey }
            survey.keys.append(rotation.new)
        }
    }

    /// nil where the log does not keep it.
    private func document(_ digest: Digest) throws(Problem) -> [UInt8]? {
        let content: [UInt8]?
        do throws(ReceiptSourceError) { content = try ReceiptSource(directory).document(digest) } catch {
            if case .system(let error) = error { throw .system(error) }
            throw .changedDocument(digest)
        }
        if let content, SHA256.digest(content) != digest { throw .changedDocument(digest) }
        return content
    }

    private func write(_ digest: Digest, to output: BundleOutput) throws(Problem) {
        guard let content = try document(digest) else { throw .changedDocument(digest) }
        let end = ",\"\(BundleFormat.digest)\":\"\(digest.hex)\"}"
        try output.write(Array(BundleFormat.Line.document.beginning.utf8) + content + Array(end.utf8))
    }

    private func writeTree(_ selection: BundleSelection, to output: BundleOutput) throws(Problem) {
        var hash = SHA256()
        var tree = BundleTree()
        try read { number, piece throws(Problem) in
            switch piece {
            case .gone(let leaves, let root): tree.leaveOut(root, first: number, leaves: leaves, using: &hash)
            case .receipt(let line, let bytes):
                let leaf = MerkleEdge.leaf(bytes, using: &hash)
                guard selection.takes(line, bytes) else { return tree.leaveOut(leaf, first: number, leaves: 1, using: &hash) }
                for node in tree.keep(leaf, using: &hash) { try output.write(node.line) }
                try output.write(Array(bytes))
            }
        }
        for node in tree.finish(using: &hash) { try output.write(node.line) }
        guard tree.root(using: &hash) == checkpoint.root else { throw .changed }
    }

    /// What stands at a place of the log, or what is left of several.
    private enum Piece {
        case receipt(ReceiptLine, UnsafeRawBufferPointer)
        /// Retention removed a whole subtree.
        case gone(leaves: UInt64, root: Digest)
    }

    /// Hands all that the checkpoint covers to `body`, in order.
    private func read(_ body: (UInt64, Piece) throws(Problem) -> Void) throws(Problem) {
        var number: UInt64 = 0
        var failure: Problem?
        func take(_ item: LogLines.Item) throws(Problem) {
            switch item {
            case .line(let bytes):
                guard let line = try? ReceiptLine(bytes), line.number == number else { throw .notReceipt(number: number) }
                try body(number, .receipt(line, bytes))
                number += 1
            case .gone(let leaves, let root):
                let isSubtree = leaves.nonzeroBitCount == 1 && number & (leaves - 1) == 0
                guard isSubtree, leaves <= checkpoint.size - number else { throw .changed }
                try body(number, .gone(leaves: leaves, root: root))
                number += leaves
            }
        }
        if checkpoint.size == 0 { return }
        do throws(Errno) {
            try LogLines.readItems(directory: directory) { item in
                do throws(Problem) { try take(item) } catch { failure = error }
                return failure == nil && number < checkpoint.size
            }
        } catch {
            throw .system(error)
        }
        if let failure { throw failure }
        guard number == checkpoint.size else { throw .short(found: number) }
    }
}
