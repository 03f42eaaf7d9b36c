/// The wire form of a bundle: one file of JSON Lines, each in canonical JSON (RFC 8785), in this order. The names stand here only.
///
/// | line | members |
/// |---|---|
/// | header | `checkpoint` (the signed note), `counts` (`documents`, `receipts`, `removed`: what retention had removed), `filter` (as it was asked: `from`, `to`, `session`, `server`), `format`, `keys`, `origin`, `version` |
/// | documents, by digest | `document` (a policy, plan or host profile), `sha256` (its digest, hexadecimal) |
/// | the tree's leaves from left to right: receipts that are kept | the receipt, byte for byte as it stands in the log |
/// | and hashes in the place of those that are not | `first` (number of its first receipt), `leaves` (a power of two), `root` (hexadecimal) |
/// | end | `lines` (how many stand before), `sha256` (of all bytes before) |
///
/// Whoever reads it hashes receipts and appends them and the given roots one after another, and must come to the root that the checkpoint signs.
/// The end is no proof: it finds what an accident changed in those members of the header that nobody signed.
enum BundleFormat {
    static let name = "sandboxd-bundle"
    static let version: Int64 = 1

    static let checkpoint = "checkpoint"
    static let counts = "counts"
    static let documents = "documents"
    static let receipts = "receipts"
    static let removed = "removed"
    static let filter = "filter"
    static let from = "from"
    static let to = "to"
    static let session = "session"
    static let server = "server"
    static let format = "format"
    static let keys = "keys"
    static let origin = "origin"
    static let versionMember = "version"

    static let document = "document"
    static let digest = "sha256"

    static let first = "first"
    static let leaves = "leaves"
    static let root = "root"
    static let lines = "lines"

    /// By its beginning each line says what it is.
    enum Line: CaseIterable {
        case header, document, receipt, node, end

        var beginning: String {
            switch self {
            case .header: "{\"\(BundleFormat.checkpoint)\":"
            case .document: "{\"\(BundleFormat.document)\":"
            case .receipt: "{\"\(ReceiptFields.body)\":"
            case .node: "{\"\(BundleFormat.first)\":"
            case .end: "{\"\(BundleFormat.lines)\":"
            }
        }

        /// nil for a line that bundles do not have.
        init?(_ line: UnsafeRawBufferPointer) {
            guard let found = Self.allCases.first(where: { line.starts(with: $0.beginning.utf8) }) else { return nil }
            self = found
        }
    }

    /// Bytes of a line: a document's, and what stands around it.
    static let longestLine = Documents.limit + 128
    /// Documents of one bundle, whatever its header says.
    static let mostDocuments = 1 << 20
}
