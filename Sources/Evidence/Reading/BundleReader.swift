import Descriptors

/// The lines of a bundle, from its header on.
struct BundleReader: ~Copyable {
    let header: BundleHeader
    private var file: ReadFile

    /// Errors: `notBundle`.
    init(_ path: String) throws(ReceiptSourceError) {
        var file = ReadFile(try Self.open(path), path, LineReader(limit: BundleFormat.longestLine))
        guard let line = try file.next(), let header = try? BundleHeader(line) else { throw .notBundle }
        self.header = header
        self.file = file
    }

    private static func open(_ path: String) throws(ReceiptSourceError) -> OwnedDescriptor {
        do throws(Errno) {
            let file = try WorkingDirectory().open(path, [.read, .nonBlocking])
            guard try file.status().isRegularFile else { throw .invalid }
            return file
        } catch {
            throw .system(error)
        }
    }

    /// The next receipt.
    mutating func next() throws(ReceiptSourceError) -> [UInt8]? {
        while let line = try file.next() {
            if line.starts(with: BundleFormat.Line.receipt.beginning.utf8) { return line }
        }
        return nil
    }

    /// What stands at the next place of the log's tree, or at the next places.
    enum Piece {
        case receipt([UInt8])
        case leftOut(BundleNode)
    }

    /// The next of the tree; nil behind the last, and where a line is none that bundles have.
    mutating func nextPiece() throws(ReceiptSourceError) -> Piece? {
        while let line = try file.next() {
            switch line.withUnsafeBytes({ BundleFormat.Line($0) }) {
            case .document, .header: continue
            case .receipt: return .receipt(line)
            case .node: return (try? BundleNode(line)).map { .leftOut($0) }
            case .end, nil: return nil
            }
        }
        return nil
    }

    /// The document of this digest, while no receipt was read: documents come first.
    mutating func document(_ digest: Digest) throws(ReceiptSourceError) -> [UInt8]? {
        let head = Array(BundleFormat.Line.document.beginning.utf8)
        let end = Array(",\"\(BundleFormat.digest)\":\"\(digest.hex)\"}".utf8)
        while let line = try file.next(), line.starts(with: head) {
            if line.count > head.count + end.count, line.suffix(end.count).elementsEqual(end) {
                return Array(line[head.count..<(line.count - end.count)])
            }
        }
        return nil
    }
}
